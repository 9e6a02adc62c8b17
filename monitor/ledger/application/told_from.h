#pragma once

#include <optional>

#include "monitor/ledger/stores/storage.h"

namespace walpulse::monitor {

/// Behind which position a table is told.
struct ToldFrom {
  bool known = false;                          ///< Else it will still be said, ...
  bool named = false;                          ///< ... where a heartbeat has named it.
  std::optional<schema::Position> position{};  ///< Nothing: all of it is.
};

/// Of the capture that `source` of `context` belongs to: see Watermark::told_from.
ToldFrom told_from(Transaction& transaction, const Context& context, const SourceRow& source,
                   IntakeTime settle);

}  // namespace walpulse::monitor
