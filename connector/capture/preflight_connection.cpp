#include "connector/capture/preflight_connection.h"

#include "connector/session/capture_plan.h"

namespace walpulse::connector {

tl::expected<Preflight, Failure> PreflightConnection::find(const std::optional<Watched>& watched) {
  if (!catalog_) {
    auto opened = Catalog::open(source_.dsn, kQuestionTimeout);
    if (!opened) return tl::unexpected<Failure>(unanswered(opened.error()));
    catalog_ = std::move(*opened);
  }
  auto found = preflight(*catalog_, source_, watched);
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

tl::expected<void, Failure> PreflightConnection::check_columns(const Preflight& found,
                                                               const PublishOptions& options) {
  auto fits = connector::check_columns(*catalog_, found.identity, options);
  if (!fits && fits.error().verdict == Verdict::retry) catalog_.reset();
  return fits;
}

tl::expected<Lsn, Failure> PreflightConnection::held_from() {
  const auto retry = [&](const Error& error) {
    catalog_.reset();
    return tl::unexpected<Failure>(unanswered(error));
  };
  const auto slot = catalog_->slot(source_.slot);
  if (!slot) return retry(slot.error());
  const auto server = catalog_->server();
  if (!server) return retry(server.error());
  const bool proves = *slot && (*slot)->active && !server->in_recovery;
  return proves ? server->current_lsn : Lsn{};
}

}  // namespace walpulse::connector
