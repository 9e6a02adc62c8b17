#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "monitor/ledger/outbox.h"
#include "monitor/ledger/stores/storage.h"

namespace walpulse::monitor {

/// Tables with happenings of which it is not known from where on they are told, and since when by
/// the intake clock. One that no heartbeat has named for so long as the ledger settles is unnamed,
/// until a heartbeat names it.
using HeldTables = std::map<std::int64_t, IntakeTime>;

/// Which happenings may be routed. Within one transaction.
class ToldTables {
 public:
  /// `held` is what was found the last time, and is kept up to date.
  ToldTables(Transaction& in, const Context& context, IntakeTime settle, HeldTables& held);

  /// HappeningStore::oldest() without the tables that are still held.
  std::vector<Happening> oldest(std::size_t count_max);
  /// Those that oldest() gave.
  News sorted(const std::vector<Happening>& happenings) const;

 private:
  bool decide(std::int64_t table);

  Transaction& in_;
  const Context& context_;
  const IntakeTime settle_;
  HeldTables& held_;
  /// Behind which position each is told; nothing: all of it is.
  std::map<std::int64_t, std::optional<schema::Position>> named_;
  std::vector<std::int64_t> unnamed_;
  std::vector<std::int64_t> undecided_;
};

}  // namespace walpulse::monitor
