#include "connector/command/setup_steps.h"

#include <algorithm>

#include "connector/catalog/lock_wait.h"
#include "connector/catalog/publication_state.h"
#include "connector/catalog/slot_wait.h"
#include "decoder/base/error_context.h"
#include "publisher/database/sql_quote.h"

namespace walpulse::connector {

namespace {

/// Those of the comment first: their places in it stay.
std::vector<TableName> other_names(const SourceOptions& source,
                                   const std::optional<CaptureIdentity>& identity) {
  std::vector<TableName> names;
  if (identity) names = identity->table_names();
  for (const TableName& name : source.tables) {
    if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  }
  std::erase(names, source.tables.front());
  return names;
}

tl::unexpected<Error> vanished(const SourceOptions& source) {
  return fail(ErrorKind::rejected,
              "the publication " + source.publication + " vanished while this command ran",
              "run it again");
}

/// With the rows that the publication has for them now.
Result<std::vector<CapturedTable>> captured_tables(Catalog& admin, const SourceOptions& source,
                                                   const std::vector<PlannedTable>& tables) {
  std::vector<CapturedTable> captured;
  for (const PlannedTable& table : tables) {
    const auto publication = admin.publication(source.publication, table.oid);
    if (!publication) return forward(publication);
    if (!*publication || !(*publication)->relation) return vanished(source);
    captured.push_back({table.name, table.oid, *(*publication)->relation});
  }
  return captured;
}

Result<void> publish_tables(Catalog& admin, const SourceOptions& source,
                            const std::vector<PlannedTable>& tables) {
  if (tables.empty()) return {};
  const std::string list = called_list(tables);
  return admin.execute("LOCK TABLE " + list + " IN SHARE ROW EXCLUSIVE MODE").and_then([&] {
    return admin.execute("ALTER PUBLICATION " + database::quote_identifier(source.publication) +
                         " ADD TABLE " + list);
  });
}

Result<void> add_in_transaction(Catalog& admin, const SourceOptions& source,
                                const std::optional<CaptureIdentity>& identity,
                                const std::vector<PlannedTable>& publish,
                                const std::vector<PlannedTable>& added) {
  if (auto done = publish_tables(admin, source, publish); !done || !identity) return done;
  const auto now = admin.identity(source.publication);
  if (!now) return forward(now);
  if (*now != identity) return vanished(source);
  auto captured = captured_tables(admin, source, added);
  if (!captured) return forward(captured);
  CaptureIdentity wider = *identity;
  wider.tables.insert(wider.tables.end(), captured->begin(), captured->end());
  return admin.execute(comment_sql(source, wider));
}

LockWait lock_wait(const std::vector<PlannedTable>& tables, bool shuts_out_writers,
                   std::chrono::milliseconds timeout) {
  LockWait wait{.names = names_of(tables),
                .tables = {},
                .shuts_out_writers = shuts_out_writers,
                .timeout = timeout};
  for (const PlannedTable& table : tables) wait.tables.push_back(table.oid);
  return wait;
}

}  // namespace

Result<std::vector<OtherTable>> other_tables(Catalog& capture, Catalog& admin,
                                             const SourceOptions& source,
                                             const std::optional<CaptureIdentity>& identity) {
  std::vector<OtherTable> others;
  for (TableName& name : other_names(source, identity)) {
    auto table = admin.table(name.schema, name.name, identity);
    if (!table) return forward(table);
    OtherTable other{.name = std::move(name), .table = std::move(*table)};
    const Oid oid = other.table ? other.table->oid : Oid{};
    auto publication = admin.publication(source.publication, oid);
    if (!publication) return forward(publication);
    auto capture_role = capture.role(oid);
    if (!capture_role) return forward(capture_role);
    auto admin_role = admin.role(oid);
    if (!admin_role) return forward(admin_role);
    other.publication = std::move(*publication);
    other.capture = std::move(*capture_role);
    other.admin = std::move(*admin_role);
    others.push_back(std::move(other));
  }
  return others;
}

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
      .and_then([&] {
        return ask(other_tables(capture, admin, source, identity_in(facts.publication)),
                   facts.others);
      })
      .map([&] { return facts; });
}

Result<Lsn> make_slot(CommandSession& session, const std::string& slot,
                      std::chrono::milliseconds timeout) {
  auto made = session.capture().create_slot(slot, timeout);
  if (made || made.error().kind != ErrorKind::timed_out) return made;
  // As the owner: it may see more of the others' sessions.
  const auto waits = session.admin().writing_transactions();
  return fail(slot_timeout_error(slot, timeout, waits.value_or(std::vector<OtherTransaction>{})));
}

Result<CaptureIdentity> new_identity(Catalog& admin, const SourceOptions& source,
                                     const std::vector<PlannedTable>& tables,
                                     std::uint64_t old_epoch) {
  const auto server = admin.server();
  if (!server) return forward(server);
  const auto publication = admin.publication(source.publication, Oid{});
  if (!publication) return forward(publication);
  if (!*publication) return vanished(source);
  CaptureIdentity identity;
  identity.name = source.name.empty() ? server->database : source.name;
  identity.epoch = next_epoch(server->now, old_epoch);
  identity.system_identifier = server->system_identifier;
  auto captured = captured_tables(admin, source, tables);
  if (!captured) return forward(captured);
  identity.tables = *std::move(captured);
  identity.publication_xmin = (*publication)->xmin;
  identity.publication_owner = (*publication)->owner_oid;
  identity.database = server->database;
  return identity;
}

Result<void> add_tables(Catalog& admin, const SourceOptions& source,
                        const std::optional<CaptureIdentity>& identity,
                        const std::vector<PlannedTable>& publish,
                        const std::vector<PlannedTable>& added, std::chrono::milliseconds timeout,
                        std::ostream& out) {
  return in_transaction(admin, lock_wait(publish, true, timeout), out, [&] {
    return add_in_transaction(admin, source, identity, publish, added);
  });
}

Result<void> publish(Catalog& admin, const std::string& sql,
                     const std::vector<PlannedTable>& tables, std::chrono::milliseconds timeout,
                     std::ostream& out, std::string left_behind) {
  LockWait wait = lock_wait(tables, false, timeout);
  wait.left_behind = std::move(left_behind);
  return in_transaction(admin, wait, out, [&] { return admin.execute(sql); });
}

std::string names_of(const std::vector<PlannedTable>& tables) {
  std::string names;
  for (const PlannedTable& table : tables)
    names += (names.empty() ? "" : ", ") + to_string(table.name);
  return names;
}

}  // namespace walpulse::connector
