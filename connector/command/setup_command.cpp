#include <ostream>

#include "connector/command/command_session.h"
#include "connector/command/commands.h"
#include "connector/command/setup_plan.h"
#include "connector/command/setup_steps.h"
#include "publisher/database/sql_quote.h"

namespace walpulse::connector {
namespace {

Result<void> carry_out(const SetupPlan& plan, CommandSession& session, const SetupFacts& facts,
                       const Invocation& invocation, std::ostream& out) {
  const SourceOptions& source = invocation.run.source;
  if (plan.create_publication) {
    const auto made = session.admin().execute(
        create_publication_sql(source.publication, database::quote_tables(source.tables)));
    if (!made) return made;
    out << "created  publication " << source.publication << " for "
        << to_string(source.tables.front()) << std::endl;
  }
  if (plan.create_slot) {
    out << "making   slot " << source.slot << " (waits for transactions that write)" << std::endl;
    const auto made = make_slot(session, source.slot, invocation.slot_timeout);
    if (!made) return forward(made);
    out << "created  slot " << source.slot << " at " << to_string(*made)
        << (session.capture().version_num() >= 170000 ? ", for standbys to keep (failover)" : "")
        << std::endl;
  }
  const std::string anchor = anchor_slot(source);
  if (plan.drop_anchor) {
    const auto dropped = session.capture().drop_slot(anchor);
    if (!dropped) return dropped;
    out << "dropped  anchor " << anchor << " (it is of no use any more)" << std::endl;
  }
  if (plan.create_anchor) {
    const auto made = session.capture().copy_slot(source.slot, anchor);
    if (!made) return made;
    out << "created  anchor " << anchor << " (keeps history to replay)" << std::endl;
  }
  if (plan.write_comment) {
    const auto identity = new_identity(session.admin(), source, facts.table->oid, 0);
    if (!identity) return forward(identity);
    const auto written = session.admin().execute(comment_sql(source, *identity));
    if (!written) return written;
    out << "wrote    identity name=" << identity->name << " epoch=" << identity->epoch
        << " system=" << identity->system_identifier << std::endl;
  }
  return {};
}

}  // namespace

int setup_command(const Invocation& invocation, const Terminal& terminal) {
  const SourceOptions& source = invocation.run.source;
  if (invocation.print_sql) {
    terminal.out << setup_script(given_options(invocation), invocation.slot_timeout);
    return 0;
  }
  auto session = CommandSession::open(source);
  if (!session) return report_error(session.error(), terminal.err);
  const auto facts = gather_setup(*session, invocation);
  if (!facts) return report_error(facts.error(), terminal.err);

  const SetupPlan plan = plan_setup(source, *facts, invocation.run.replay_window);
  if (plan.refusal) {
    report_error(plan.refusal->error, terminal.err);
    return plan.refusal->exit_code;
  }
  for (const auto& line : plan.found) terminal.out << "found    " << line << "\n";
  const auto done = carry_out(plan, *session, *facts, invocation, terminal.out);
  if (!done) return report_error(done.error(), terminal.err);
  for (const auto& note : plan.notes) terminal.out << "note     " << note << "\n";
  terminal.out << (plan.nothing() ? "everything is there, nothing changed\n" : "set up\n")
               << "next     " << RemedyCommand(Command::doctor, given_options(invocation)).text()
               << "\n";
  return 0;
}

}  // namespace walpulse::connector
