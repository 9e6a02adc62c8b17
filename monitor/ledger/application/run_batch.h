#pragma once

#include <span>
#include <vector>

#include "monitor/ledger/application/received_message.h"
#include "monitor/ledger/stores/storage.h"

namespace walpulse::monitor {

/// An entry that arrived, and the message that brought it.
struct ArrivedEntry {
  schema::Position position;
  const ReceivedMessage* received = nullptr;
};

/// A run as loaded, and what arrived for it in this group.
struct TouchedRun {
  StoredRun stored;
  std::vector<ArrivedEntry> arrived;
  bool due = false;  ///< To be evaluated, and saved.
};

/// The runs of one transaction, by key.
class RunBatch {
 public:
  /// Loads those that are not there yet, in one read, in key order.
  void load(Transaction& transaction, std::vector<RunKey> keys);
  /// Null where the run was not loaded.
  TouchedRun* find(const RunKey& key);
  std::vector<TouchedRun>& all() { return runs_; }

 private:
  std::vector<TouchedRun> runs_;  ///< Sorted.
};

}  // namespace walpulse::monitor
