#pragma once

#include <chrono>

#include "connector/command/command_session.h"
#include "connector/command/setup_plan.h"

namespace walpulse::connector {

// What `setup` and `recover` do alike.

/// Everything that their plans stand on.
Result<SetupFacts> gather_setup(CommandSession& session, const Invocation& invocation);

/// Makes the live slot; where it took too long, the error names who was waited for.
Result<Lsn> make_slot(CommandSession& session, const std::string& slot,
                      std::chrono::milliseconds timeout);

/// The identity of a capture whose slot exists by now: its epoch lies after it, and after
/// `old_epoch`. The publication is read anew.
Result<CaptureIdentity> new_identity(Catalog& admin, const SourceOptions& source, Oid table,
                                     std::uint64_t old_epoch);

}  // namespace walpulse::connector
