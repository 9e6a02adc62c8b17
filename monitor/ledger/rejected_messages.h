#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "decoder/base/result.h"
#include "decoder/base/timestamp.h"
#include "monitor/ledger/application/outcome.h"
#include "monitor/ledger/application/received_message.h"
#include "monitor/ledger/application/source_alert.h"

namespace walpulse::monitor {

/// A message that was not applied.
struct RejectedMessage {
  std::int64_t id = 0;  ///< Rising.
  ReceivedMessage message;
  std::string reason;
};

/// What became of a rejected message that was applied again.
struct Redriven {
  std::int64_t id = 0;
  std::string message_id;
  Outcome outcome = Outcome::invalid;
  std::string reason;  ///< Why it stays among the rejected; empty: it was taken out.
};
struct RedrivenGroup {
  std::vector<Redriven> messages;
  std::vector<SourceAlert> alerts;
};

/// The messages that were not applied, and what becomes of them.
class RejectedMessages {
 public:
  virtual ~RejectedMessages() = default;
  /// Those that follow `after`, at most `count_max`, not read yet.
  virtual Result<std::vector<RejectedMessage>> rejected(std::int64_t after,
                                                        std::size_t count_max) = 0;
  /// The leader's: the oldest that were not forwarded yet, at most `count_max`.
  virtual Result<std::vector<RejectedMessage>> unforwarded(std::size_t count_max) = 0;
  virtual Result<void> mark_forwarded(std::span<const std::int64_t> ids) = 0;
  /// Applies these, whose messages were read, again, and takes those that now fit out of the
  /// rejected in the same transaction. A dry run changes nothing.
  virtual Result<RedrivenGroup> redrive(std::span<const RejectedMessage> messages, Timestamp now,
                                        bool dry_run) = 0;
};

}  // namespace walpulse::monitor
