#include "connector/command/setup_steps.h"

#include "connector/catalog/publication_state.h"
#include "connector/catalog/slot_wait.h"
#include "decoder/base/error_context.h"

namespace walpulse::connector {

Result<SetupFacts> gather_setup(CommandSession& session, const Invocation& invocation) {
  const SourceOptions& source = invocation.run.source;
  SetupFacts facts;
  facts.command = invocation.command;
  facts.given = given_options(invocation);
  // Each question in turn; the first that fails ends it.
  const auto ask = [](auto answer, auto& into) -> Result<void> {
    if (!answer) return forward(answer);
    into = std::move(*answer);
    return {};
  };
  Catalog& capture = session.capture();
  Catalog& admin = session.admin();
  // One table; of several, each has facts of its own.
  const TableName& name = source.tables.front();
  Oid table;
  return ask(capture.server(), facts.server)
      .and_then([&] { return ask(admin.server(), facts.admin_server); })
      .and_then(
          [&] { return ask(admin.publication(source.publication, Oid{}), facts.publication); })
      .and_then([&] {
        return ask(admin.table(name.schema, name.name, identity_in(facts.publication)),
                   facts.table);
      })
      .and_then([&] { return ask(admin.schemas_with(name.name), facts.schemas_with_table); })
      .and_then([&] {
        if (facts.table) table = facts.table->oid;
        return ask(admin.publication(source.publication, table), facts.publication);
      })
      .and_then([&] { return ask(admin.captures(), facts.captures); })
      .and_then([&] { return ask(capture.slot(source.slot), facts.slot); })
      .and_then([&] { return ask(capture.slot(anchor_slot(source)), facts.anchor); })
      .and_then([&] { return ask(capture.role(table), facts.capture); })
      .and_then([&] { return ask(admin.role(table), facts.admin); })
      .map([&] { return facts; });
}

Result<Lsn> make_slot(CommandSession& session, const std::string& slot,
                      std::chrono::milliseconds timeout) {
  auto made = session.capture().create_slot(slot, timeout);
  if (made || made.error().kind != ErrorKind::timed_out) return made;
  // As the owner: it may see more of the others' sessions.
  const auto waits = session.admin().writing_transactions();
  return fail(slot_timeout_error(slot, timeout, waits.value_or(std::vector<WritingTransaction>{})));
}

Result<CaptureIdentity> new_identity(Catalog& admin, const SourceOptions& source, Oid table,
                                     std::uint64_t old_epoch) {
  const auto server = admin.server();
  if (!server) return forward(server);
  const auto publication = admin.publication(source.publication, table);
  if (!publication) return forward(publication);
  if (!*publication || !(*publication)->relation) {
    return fail(ErrorKind::rejected,
                "the publication " + source.publication + " vanished while this command ran",
                "run it again");
  }
  CaptureIdentity identity;
  identity.name = source.name.empty() ? server->database : source.name;
  identity.epoch = next_epoch(server->now, old_epoch);
  identity.system_identifier = server->system_identifier;
  identity.tables = {{source.tables.front(), table, *(*publication)->relation}};
  identity.publication_xmin = (*publication)->xmin;
  identity.publication_owner = (*publication)->owner_oid;
  identity.database = server->database;
  return identity;
}

}  // namespace walpulse::connector
