#include <ostream>

#include "connector/command/command_session.h"
#include "connector/command/commands.h"
#include "connector/command/setup_plan.h"
#include "connector/command/setup_steps.h"
#include "decoder/base/error_context.h"

namespace walpulse::connector {
namespace {

/// The rows that were there before: read now where they can be delivered, else by these commands.
int finish(const SetupPlan& plan, const Invocation& invocation, const Terminal& terminal,
           const ReadTables& read) {
  const std::string& to = invocation.run.publish.to;
  const GivenOptions given = given_options(invocation);
  std::vector<TableName> tables;
  for (const PlannedTable& table : plan.added) tables.push_back(table.name);
  std::string commands;
  if (!plan.identity && !tables.empty()) {
    commands = "then     " + RemedyCommand(Command::snapshot, given).text() + "\n";
  } else {
    for (const TableName& table : tables) {
      commands += "then     " +
                  RemedyCommand(Command::snapshot, given).with("table", table.name).text() + "\n";
    }
  }
  const bool reads = !tables.empty() && !to.empty() && to != "stdout";
  if (reads) {
    terminal.out << "reading  " << names_of(plan.added) << " (a snapshot)" << std::endl;
    if (const auto done = read(tables); !done) {
      terminal.out << commands << std::flush;
      return report_error(
          in_context("capture is set up, but the snapshot is not complete", done.error()),
          terminal.err);
    }
  }
  terminal.out << (plan.nothing() ? "everything is there, nothing changed\n" : "set up\n")
               << "next     " << RemedyCommand(Command::doctor, given).text() << "\n"
               << (reads ? "" : commands);
  return 0;
}

Result<void> carry_out(const SetupPlan& plan, CommandSession& session, const Invocation& invocation,
                       std::ostream& out) {
  const SourceOptions& source = invocation.run.source;
  if (plan.create_publication) {
    const auto made = publish(session.admin(),
                              create_publication_sql(source.publication, called_list(plan.tables)),
                              plan.tables, invocation.slot_timeout, out);
    if (!made) return made;
    out << "created  publication " << source.publication << " for " << names_of(plan.tables)
        << std::endl;
  }
  if (!plan.publish.empty() || (plan.identity && !plan.added.empty())) {
    const auto made = add_tables(session.admin(), source, plan.identity, plan.publish, plan.added,
                                 invocation.slot_timeout, out);
    if (!made) return made;
    out << "added    " << names_of(plan.identity ? plan.added : plan.publish) << " to publication "
        << source.publication << std::endl;
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
    const auto identity = new_identity(session.admin(), source, plan.tables, 0);
    if (!identity) return forward(identity);
    const auto written = session.admin().execute(comment_sql(source, *identity));
    if (!written) return written;
    out << "wrote    identity name=" << identity->name << " epoch=" << identity->epoch
        << " system=" << identity->system_identifier << std::endl;
  }
  return {};
}

}  // namespace

int setup_command(const Invocation& invocation, const Terminal& terminal, const ReadTables& read) {
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
  const auto done = carry_out(plan, *session, invocation, terminal.out);
  if (!done) return report_error(done.error(), terminal.err);
  for (const auto& note : plan.notes) terminal.out << "note     " << note << "\n";
  return finish(plan, invocation, terminal, read);
}

}  // namespace walpulse::connector
