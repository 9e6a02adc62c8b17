#pragma once

#include "monitor/ledger/export_queue.h"
#include "monitor/ledger/leader_election.h"
#include "monitor/ledger/ledger_maintenance.h"
#include "monitor/ledger/ledger_writer.h"
#include "monitor/ledger/mute_ledger.h"
#include "monitor/ledger/outbox.h"
#include "monitor/ledger/pinned_settings.h"
#include "monitor/ledger/problem_ledger.h"
#include "monitor/ledger/rejected_messages.h"

namespace walpulse::monitor {

/// The timelines of all runs and the series counted from them (README.md is the rule in words). All
/// calls are thread-safe; each is one durable transaction, or an Error (unavailable) and no effect
/// at all. What is the leader's to do does nothing on the others.
///
/// Whoever works with a part of it takes that part's interface.
class Ledger : public LedgerWriter,
               public PageLedger,
               public LedgerMaintenance,
               public ExportQueue,
               public LeaderElection,
               public RejectedMessages,
               public ProblemLedger,
               public Outbox,
               public PinnedSettings {};

}  // namespace walpulse::monitor
