#include "monitor/ledger/read_model_fill.h"

#include <charconv>
#include <string>

namespace walpulse::monitor {
namespace {

/// Pinned by the migration of a ledger that has runs.
const std::string kFillPin = "runs read again";
const std::string kAllFilled = "all";

}  // namespace

ReadModelFill read_model_fill(Transaction& transaction) {
  const std::string pinned = transaction.pins().value(kFillPin);
  ReadModelFill fill;
  fill.complete = pinned.empty() || pinned == kAllFilled;
  if (!fill.complete) std::from_chars(pinned.data(), pinned.data() + pinned.size(), fill.runs_seen);
  return fill;
}

void note_read_model_fill(Transaction& transaction, const ReadModelFill& fill) {
  transaction.pins().pin(kFillPin, fill.complete ? kAllFilled : std::to_string(fill.runs_seen));
}

}  // namespace walpulse::monitor
