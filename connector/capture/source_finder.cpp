#include "connector/capture/source_finder.h"

namespace walpulse::connector {

tl::expected<Discovery, Failure> SourceFinder::find() {
  if (!catalog_) {
    auto opened = Catalog::open(source_.dsn, kQuestionTimeout);
    if (!opened) return tl::unexpected<Failure>(judge(opened.error(), "", std::nullopt));
    catalog_ = std::move(*opened);
  }
  auto found = discover(*catalog_, source_);
  if (!found) {
    if (found.error().verdict == Verdict::retry) catalog_.reset();
    return found;
  }
  if (wants_slot_ && found->slot.active) {
    const int holder = found->slot.active_pid.value_or(0);
    return tl::unexpected<Failure>(
        Failure{Verdict::standby,
                "slot " + source_.slot + " is held by server process " + std::to_string(holder)});
  }
  return found;
}

}  // namespace walpulse::connector
