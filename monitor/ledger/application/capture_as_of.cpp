#include "monitor/ledger/application/capture_as_of.h"

#include <algorithm>

namespace walpulse::monitor {
namespace {

bool is_accepted_of(const EpochRow& epoch, const SourceRow& source) {
  return epoch.standing == Standing::accepted && epoch.name == source.name &&
         epoch.table == source.table;
}

}  // namespace

std::vector<const SourceRow*> capture_of(const Context& context, const SourceRow& source) {
  std::optional<std::uint64_t> newest;
  for (const EpochRow& epoch : context.epochs)
    if (is_accepted_of(epoch, source)) newest = std::max(newest, std::optional(epoch.epoch));
  std::vector<const SourceRow*> tables{&source};
  for (const SourceRow& other : context.sources) {
    const bool shares =
        std::any_of(context.epochs.begin(), context.epochs.end(), [&](const EpochRow& epoch) {
          return epoch.epoch == newest && other.name == source.name && is_accepted_of(epoch, other);
        });
    if (shares && &other != &source) tables.push_back(&other);
  }
  return tables;
}

std::optional<Timestamp> capture_as_of(const Context& context, const SourceRow& source) {
  std::optional<Timestamp> as_of;
  for (const SourceRow* table : capture_of(context, source)) as_of = std::max(as_of, table->as_of);
  return as_of;
}

}  // namespace walpulse::monitor
