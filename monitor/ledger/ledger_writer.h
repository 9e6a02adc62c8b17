#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "decoder/base/result.h"
#include "decoder/base/timestamp.h"
#include "monitor/ledger/application/outcome.h"
#include "monitor/ledger/application/received_message.h"
#include "monitor/ledger/application/source_alert.h"

namespace walpulse::monitor {

struct ApplyResult {
  std::vector<Outcome> outcomes;  ///< Parallel to the group, or to its start: the rest failed.
  std::vector<SourceAlert> alerts;
  std::string rejected_for = {};  ///< Why the last that was kept among the rejected was.
  bool happened = false;          ///< There is a happening more.
  /// Messages set aside earlier that had to make room, and were nowhere else.
  std::int64_t dropped_count = 0;
};

/// The code of an error where another session has locked what the ledger needs: an SQLSTATE.
inline constexpr std::string_view kLedgerLocked = "55P03";

/// What the intake asks of the ledger.
class LedgerWriter {
 public:
  virtual ~LedgerWriter() = default;
  /// Applies a group, whose messages were read. A group that one message poisons is bisected, so
  /// that an Error means that the storage is down, never that a message is bad. `now` is the
  /// monitor's clock.
  virtual Result<ApplyResult> apply(std::span<const ReceivedMessage> group, Timestamp now) = 0;
  /// A cheap write-and-read: does the storage answer?
  virtual Result<void> check() = 0;
};

}  // namespace walpulse::monitor
