#include <ostream>

#include "connector/catalog/slot_wait.h"
#include "connector/command/command_session.h"
#include "connector/command/commands.h"
#include "connector/command/setup_plan.h"

namespace walpulse::connector {
namespace {

Result<SetupFacts> gather(CommandSession& session, const SourceOptions& source) {
  SetupFacts facts;
  // Each question in turn; the first that fails ends it.
  const auto ask = [](auto answer, auto& into) -> Result<void> {
    if (!answer) return tl::unexpected<Error>(answer.error());
    into = std::move(*answer);
    return {};
  };
  Catalog& capture = session.capture();
  Catalog& admin = session.admin();
  Oid table;
  return ask(capture.server(), facts.server)
      .and_then([&] { return ask(admin.server(), facts.admin_server); })
      .and_then([&] { return ask(admin.table(source.schema, source.table), facts.table); })
      .and_then([&] { return ask(admin.schemas_with(source.table), facts.schemas_with_table); })
      .and_then([&] {
        if (facts.table) table = facts.table->oid;
        return ask(admin.publication(source.publication, table), facts.publication);
      })
      .and_then([&] { return ask(capture.slot(source.slot), facts.slot); })
      .and_then([&] { return ask(capture.slot(anchor_slot(source)), facts.anchor); })
      .and_then([&] { return ask(capture.role(table), facts.capture); })
      .and_then([&] { return ask(admin.role(table), facts.admin); })
      .map([&] { return facts; });
}

/// Read anew after the slot was made: the epoch lies after it, and the publication exists by now.
Result<CaptureIdentity> new_identity(Catalog& admin, const SourceOptions& source, Oid table) {
  const auto server = admin.server();
  if (!server) return tl::unexpected<Error>(server.error());
  const auto publication = admin.publication(source.publication, table);
  if (!publication) return tl::unexpected<Error>(publication.error());
  if (!*publication || !(*publication)->relation) {
    return fail(ErrorKind::rejected, "the publication " + source.publication +
                                         " vanished while setup ran; run setup again");
  }
  CaptureIdentity identity;
  identity.name = source.name.empty() ? server->database : source.name;
  identity.epoch = next_epoch(server->now, 0);
  identity.system_identifier = server->system_identifier;
  identity.table = table;
  identity.publication_relation = *(*publication)->relation;
  identity.publication_xmin = (*publication)->xmin;
  identity.schema = source.schema;
  identity.table_name = source.table;
  return identity;
}

Result<Lsn> make_slot(CommandSession& session, const Invocation& invocation) {
  const auto& slot = invocation.run.source.slot;
  auto made = session.capture().create_slot(slot, invocation.slot_timeout);
  if (made || made.error().kind != ErrorKind::timed_out) return made;
  // As the owner: it may see more of the others' sessions.
  const auto waits = session.admin().writing_transactions();
  return fail(ErrorKind::timed_out,
              explain_slot_timeout(slot, invocation.slot_timeout,
                                   waits.value_or(std::vector<WritingTransaction>{})));
}

Result<void> carry_out(const SetupPlan& plan, CommandSession& session, const SetupFacts& facts,
                       const Invocation& invocation, std::ostream& out) {
  const SourceOptions& source = invocation.run.source;
  if (plan.create_publication) {
    const auto made = session.admin().execute(create_publication_sql(source));
    if (!made) return made;
    out << "created  publication " << source.publication << " for " << source.schema << "."
        << source.table << std::endl;
  }
  if (plan.create_slot) {
    out << "making   slot " << source.slot << " (waits for transactions that write)" << std::endl;
    const auto made = make_slot(session, invocation);
    if (!made) return tl::unexpected<Error>(made.error());
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
    const auto identity = new_identity(session.admin(), source, facts.table->oid);
    if (!identity) return tl::unexpected<Error>(identity.error());
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
    terminal.out << setup_script(source, invocation.slot_timeout, invocation.run.replay_window);
    return 0;
  }
  auto session = CommandSession::open(source);
  if (!session) return report_error(session.error(), terminal.err);
  const auto facts = gather(*session, source);
  if (!facts) return report_error(facts.error(), terminal.err);

  const SetupPlan plan = plan_setup(source, *facts, invocation.run.replay_window);
  if (plan.refusal) {
    terminal.err << "walpulse-connector: " << plan.refusal->message << "\n";
    return plan.refusal->exit_code;
  }
  for (const auto& line : plan.found) terminal.out << "found    " << line << "\n";
  const auto done = carry_out(plan, *session, *facts, invocation, terminal.out);
  if (!done) return report_error(done.error(), terminal.err);
  for (const auto& note : plan.notes) terminal.out << "note     " << note << "\n";
  terminal.out << (plan.nothing() ? "everything is there, nothing changed\n" : "set up\n")
               << "next     walpulse-connector doctor, then walpulse-connector run --to stdout\n";
  return 0;
}

}  // namespace walpulse::connector
