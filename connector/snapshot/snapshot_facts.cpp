#include "connector/snapshot/snapshot_facts.h"

#include <algorithm>

#include "connector/catalog/capture_grants.h"
#include "connector/catalog/sql_session.h"
#include "connector/session/preflight.h"
#include "connector/session/publication_drift.h"
#include "connector/snapshot/snapshot_sql.h"
#include "decoder/base/type_oids.h"
#include "publisher/database/sql_quote.h"

namespace walpulse::connector {
namespace {

using Refusal = tl::unexpected<Failure>;

Failure fatal(std::string message, std::string remedy = {}) {
  return {Verdict::fatal, std::move(message), std::move(remedy)};
}

tl::expected<SnapshotQuestions, Failure> ask_catalog(Catalog& catalog, const SourceOptions& source,
                                                     const std::optional<CaptureIdentity>& known) {
  auto server = catalog.server();
  if (!server) return refuse(server.error());
  auto identity = known ? known : catalog.identity(source.publication);
  if (!identity) return refuse(identity.error());
  if (!*identity) {
    auto missing = what_is_not_set_up(catalog, source, server->database);
    return missing ? Refusal(*std::move(missing)) : refuse(missing.error());
  }
  const CapturedTable* wanted = (*identity)->find(source.tables.front());
  const CapturedTable captured = wanted == nullptr ? CapturedTable{} : *wanted;
  auto table = catalog.table(captured.oid);
  if (!table) return refuse(table.error());
  auto role = catalog.role(*table ? (*table)->oid : Oid{});
  if (!role) return refuse(role.error());
  auto check = catalog.check_publication(source.publication, **identity);
  if (!check) return refuse(check.error());
  const auto publication = catalog.publication(source.publication, captured.oid);
  if (!publication) return refuse(publication.error());
  auto types = catalog.base_types(captured.oid);
  if (!types) return refuse(types.error());
  return SnapshotQuestions{
      .server = std::move(*server),
      .identity = std::move(**identity),
      .captured = captured,
      .role = std::move(*role),
      .table = std::move(*table),
      .publication = std::move(*check),
      .column_list = *publication ? (*publication)->column_list : std::vector<std::string>{},
      .types = std::move(*types)};
}

/// Under the name that it has now, with the columns that the stream carries and what their types
/// are underneath.
Result<schema::Table> read_table(SqlSession& session, const SnapshotQuestions& found) {
  const auto rows = session.query(
      "SELECT attname::text, atttypid::bigint FROM pg_attribute WHERE attrelid = $1::oid "
      "AND attnum > 0 AND NOT attisdropped AND attgenerated = '' ORDER BY attnum",
      {std::to_string(found.table->oid.value)});
  if (!rows) return forward(rows);
  const auto& listed = found.column_list;
  const auto& key = found.table->primary_key;
  schema::Table table{found.table->oid, found.table->schema, found.table->name, {}};
  for (const SqlRow& row : *rows) {
    const std::string name = row.text(0);
    const auto is_in = [&](const auto& list) {
      return std::find(list.begin(), list.end(), name) != list.end();
    };
    if (!listed.empty() && !is_in(listed)) continue;
    const auto type = found.types.find(Oid{static_cast<std::uint32_t>(row.number(1))});
    const Oid base = type == found.types.end() ? kUnknownOid : type->second;
    table.columns.push_back({name, base, is_in(key)});
  }
  return table;
}

Result<void> measure(SqlSession& session, const SnapshotOptions& options, SnapshotFacts& facts) {
  const auto row = session.query_row(
      "SELECT min(t.id)::bigint, max(t.id)::bigint, (SELECT greatest(reltuples, 0)::bigint FROM "
      "pg_class WHERE oid = $1::oid) FROM (" +
          ids_sql(facts.table, facts.key, options) + ") t",
      {std::to_string(facts.table.oid.value)});
  if (!row) return forward(row);
  facts.least_id = row->maybe_number(0);
  facts.greatest_id = row->maybe_number(1);
  facts.row_estimate = static_cast<std::uint64_t>(row->number(2));
  return {};
}

}  // namespace

std::optional<Failure> snapshot_problem(const SourceOptions& source,
                                        const SnapshotQuestions& found) {
  if (found.identity.system_identifier != found.server.system_identifier) {
    return gap("this is system " + std::to_string(found.server.system_identifier) + ", and " +
               other_system(found.identity));
  }
  if (auto problem = name_problem(source, found.identity)) return problem;
  if (auto drifted = publication_drift(found.identity, found.publication))
    return gap(drifted->what);
  if (found.server.in_recovery && found.server.version_num < 160000) {
    return fatal("this server is a standby, which can make slots from PostgreSQL 16 on",
                 "take the snapshot on the primary");
  }
  if (auto problem = role_problem(found.role)) return problem;
  const std::string table = database::quote_table(found.table->schema, found.table->name);
  const std::string grantee = " TO " + database::quote_identifier(found.role.name) + ";";
  if (!found.role.schema_usage || !found.role.table_select) {
    const std::string text = "the role " + found.role.name + " may not read " + table +
                             " (the stream needs no such right, a snapshot does)";
    std::string remedy = "as its owner run:";
    if (!found.role.schema_usage) {
      remedy +=
          "\n  GRANT USAGE ON SCHEMA " + database::quote_identifier(found.table->schema) + grantee;
    }
    if (!found.role.table_select) remedy += "\n  GRANT SELECT ON " + table + grantee;
    return fatal(text, remedy);
  }
  if (found.role.row_security) {
    return fatal("policies hide rows of " + table + " from the role " + found.role.name +
                     ", and a snapshot without them would end runs that are there",
                 "run:\n  " + see_all_rows_sql(found.server, found.role, found.table->owner));
  }
  if (found.table->primary_key.size() != 1) {
    return fatal("the table " + table + " has " +
                 (found.table->primary_key.empty() ? "no primary key"
                                                   : "a primary key of several "
                                                     "columns") +
                 ": a snapshot reads in the order of one integer key");
  }
  return std::nullopt;
}

tl::expected<SnapshotFacts, Failure> snapshot_facts(const SourceOptions& source,
                                                    const SnapshotOptions& options,
                                                    const std::optional<CaptureIdentity>& known) {
  auto catalog = Catalog::open(source.dsn, kQuestionTimeout);
  if (!catalog) return refuse(catalog.error());
  auto found = ask_catalog(**catalog, source, known);
  if (!found) return Refusal(std::move(found).error());
  if (auto problem = snapshot_problem(source, *found)) return Refusal(std::move(*problem));
  catalog->reset();

  auto session = SqlSession::open(source.dsn);
  if (!session) return refuse(session.error());
  if (auto set = (*session)->query("SET default_transaction_read_only = on"); !set) {
    return refuse(set.error());
  }
  SnapshotFacts facts;
  auto table = read_table(**session, *found);
  if (!table) return refuse(table.error());
  facts.table = std::move(*table);
  const auto& columns = facts.table.columns;
  const auto key =
      std::find_if(columns.begin(), columns.end(), [](const auto& column) { return column.key; });
  if (key == columns.end() || !is_integer(key->type)) {
    return Refusal(fatal("the primary key " + found->table->primary_key.front() + " of " +
                         database::quote_table(facts.table.schema, facts.table.name) +
                         " is no published integer: a snapshot reads in the order of one"));
  }
  facts.key = static_cast<std::size_t>(key - columns.begin());
  if (!options.where.empty()) {
    // Extended protocol: one statement, whatever the text says.
    const auto checked = (*session)->query(where_check_sql(facts.table, options.where), {"x"});
    if (!checked && checked.error().kind != ErrorKind::unavailable) {
      return Refusal(
          fatal("--where is no condition on the table's columns: " + checked.error().message,
                "for example --where \"status = 'RUNNING'\""));
    }
  }
  if (auto measured = measure(**session, options, facts); !measured) {
    return refuse(measured.error());
  }
  facts.server = std::move(found->server);
  facts.identity = std::move(found->identity);
  facts.captured = found->captured;
  return facts;
}

}  // namespace walpulse::connector
