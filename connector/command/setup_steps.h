#pragma once

#include <chrono>
#include <ostream>
#include <string>
#include <vector>

#include "connector/command/command_session.h"
#include "connector/command/setup_plan.h"

namespace walpulse::connector {

// What `setup` and `recover` do alike.

/// What is known of the tables beside the first that are captured or wanted.
Result<std::vector<OtherTable>> other_tables(Catalog& capture, Catalog& admin,
                                             const SourceOptions& source,
                                             const std::optional<CaptureIdentity>& identity);

/// Everything that their plans stand on.
Result<SetupFacts> gather_setup(CommandSession& session, const Invocation& invocation);

/// Makes the live slot; where it took too long, the error names who was waited for.
Result<Lsn> make_slot(CommandSession& session, const std::string& slot,
                      std::chrono::milliseconds timeout);

/// The identity of a capture whose slot exists by now: its epoch lies after it, and after
/// `old_epoch`. The publication is read anew.
Result<CaptureIdentity> new_identity(Catalog& admin, const SourceOptions& source,
                                     const std::vector<PlannedTable>& tables,
                                     std::uint64_t old_epoch);

/// Adds tables to a publication that is there, and to the capture of `identity` where there is one:
/// in one transaction, so that nobody finds a table that the comment does not name. Writers to the
/// tables are waited for, `timeout` at most: of a transaction that wrote before and goes on after,
/// the server would leave changes out. Says to `out` whom it waits for.
Result<void> add_tables(Catalog& admin, const SourceOptions& source,
                        const std::optional<CaptureIdentity>& identity,
                        const std::vector<PlannedTable>& publish,
                        const std::vector<PlannedTable>& added, std::chrono::milliseconds timeout,
                        std::ostream& out);

/// Runs statements that publish tables, in one transaction; `timeout` and `out` likewise.
/// `left_behind`: what is so where that was too short.
Result<void> publish(Catalog& admin, const std::string& sql,
                     const std::vector<PlannedTable>& tables, std::chrono::milliseconds timeout,
                     std::ostream& out, std::string left_behind = "Nothing is changed");
/// "public.pipeline_run, public.block_run".
std::string names_of(const std::vector<PlannedTable>& tables);

}  // namespace walpulse::connector
