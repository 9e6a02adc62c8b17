#pragma once

#include <cstdint>

#include "decoder/base/result.h"
#include "monitor/ledger/ledger_reader.h"
#include "monitor/ledger/outbox.h"
#include "monitor/ledger/stores/mutes.h"

namespace walpulse::monitor {

/// Where mutes are kept. Any instance writes them, leader or not.
class MuteLedger {
 public:
  virtual ~MuteLedger() = default;
  /// MuteStore::save() as a transaction of its own: the id.
  virtual Result<std::int64_t> keep_mute(const Mute& mute) = 0;
};

/// What whoever shows the ledger to people may do with it: read all, write mutes, have deliveries
/// sent again.
class PageLedger : public LedgerReader, public MuteLedger, public DeliveryDesk {};

}  // namespace walpulse::monitor
