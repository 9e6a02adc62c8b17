#pragma once

#include <cstdint>

#include "monitor/ledger/stores/storage.h"

namespace walpulse::monitor {

/// How far the runs that an earlier build wrote are read again, so that lists and bars have their
/// ends too. Until all are, what is asked of ends simply sees fewer.
struct ReadModelFill {
  bool complete = true;         ///< Also of a ledger that this build made.
  std::uint64_t runs_seen = 0;  ///< By the scan that is under way.
  bool operator==(const ReadModelFill&) const = default;
};
ReadModelFill read_model_fill(Transaction& transaction);
/// The leader's, after each step of its scan.
void note_read_model_fill(Transaction& transaction, const ReadModelFill& fill);

}  // namespace walpulse::monitor
