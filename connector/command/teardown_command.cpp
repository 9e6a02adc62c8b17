#include <ostream>
#include <string>

#include "connector/command/command_session.h"
#include "connector/command/commands.h"
#include "connector/command/confirm_prompt.h"
#include "connector/command/teardown_plan.h"
#include "publisher/database/sql_quote.h"

namespace walpulse::connector {
namespace {

/// The slots go first: a publication without its slot says "gap", a slot without its publication
/// holds WAL that nobody can decode.
Result<void> tear_down(const TeardownPlan& plan, CommandSession& session,
                       const SourceOptions& source, std::ostream& out) {
  if (plan.drop_anchor) {
    const auto dropped = session.capture().drop_slot(anchor_slot(source));
    if (!dropped) return dropped;
    out << "dropped  anchor " << anchor_slot(source) << std::endl;
  }
  if (plan.drop_slot) {
    const auto dropped = session.capture().drop_slot(source.slot);
    if (!dropped) return dropped;
    out << "dropped  slot " << source.slot << std::endl;
  }
  if (plan.drop_publication) {
    const auto dropped = session.admin().execute("DROP PUBLICATION " +
                                                 database::quote_identifier(source.publication));
    if (!dropped) return dropped;
    out << "dropped  publication " << source.publication << std::endl;
  }
  return {};
}

}  // namespace

int teardown_command(const Invocation& invocation, const Terminal& terminal) {
  const SourceOptions& source = invocation.run.source;
  auto session = CommandSession::open(source);
  if (!session) return report_error(session.error(), terminal.err);
  const auto server = session->capture().server();
  if (!server) return report_error(server.error(), terminal.err);
  const auto publication = session->admin().publication(source.publication, Oid{0});
  if (!publication) return report_error(publication.error(), terminal.err);
  const auto slot = session->capture().slot(source.slot);
  if (!slot) return report_error(slot.error(), terminal.err);

  const auto anchor = session->capture().slot(anchor_slot(source));
  if (!anchor) return report_error(anchor.error(), terminal.err);
  const auto plan =
      plan_teardown(given_options(invocation), server->database, *publication, *slot, *anchor);
  if (plan.refusal) return report_error(*plan.refusal, terminal.err);
  if (plan.nothing()) {
    terminal.out << "nothing to drop\n";
    return 0;
  }
  if (!invocation.yes && !agreed(terminal, "teardown drops " + plan.loss, "Drop " + plan.loss,
                                 RemedyCommand(Command::teardown, given_options(invocation)))) {
    return 1;
  }
  const auto done = tear_down(plan, *session, source, terminal.out);
  return done ? 0 : report_error(done.error(), terminal.err);
}

}  // namespace walpulse::connector
