#include "monitor/storage/postgres/postgres_inspection.h"

#include <algorithm>
#include <utility>

#include "monitor/storage/postgres/postgres_schema.h"

namespace walpulse::monitor {
namespace {

std::vector<std::string> list(const PostgresRows& rows) {
  std::vector<std::string> found;
  for (std::size_t i = 0; i < rows.size(); ++i) found.emplace_back(rows.text(i, 0));
  return found;
}

void look_at_server(PostgresDatabase& database, PostgresFacts& facts) {
  const auto row = database.query(
      "SELECT current_setting('server_version_num'), current_setting('server_version'), "
      "current_database(), current_user, "
      "pg_is_in_recovery(), current_setting('default_transaction_read_only')::bool, "
      "current_setting('fsync')::bool AND current_setting('full_page_writes')::bool, "
      "has_database_privilege(current_database(), 'CREATE')");
  if (row.empty()) return;
  facts.server_version = row.number(0, 0);
  facts.server = row.text(0, 1);
  facts.database = row.text(0, 2);
  facts.role = row.text(0, 3);
  facts.in_recovery = row.flag(0, 4);
  facts.read_only = row.flag(0, 5);
  facts.fsync = row.flag(0, 6);
  facts.may_create_schema = row.flag(0, 7);
}

void look_at_schema(PostgresDatabase& database, const PostgresValues& schema,
                    PostgresFacts& facts) {
  const auto row = database.query(
      "SELECT has_schema_privilege(oid, 'USAGE'), has_schema_privilege(oid, 'CREATE') FROM "
      "pg_namespace "
      "WHERE nspname = $1::text",
      schema);
  facts.schema_exists = !row.empty();
  if (row.empty()) return;
  facts.may_create_tables = row.flag(0, 0) && row.flag(0, 1);
  // Of whoever owns it, or is a superuser, everything is to be feared anyway.
  facts.other_makers = list(database.query(
      "SELECT DISTINCT coalesce(r.rolname::text, 'PUBLIC') FROM pg_namespace n, "
      "aclexplode(n.nspacl) a LEFT JOIN pg_roles r ON r.oid = a.grantee WHERE n.nspname = $1::text "
      "AND a.privilege_type = 'CREATE' AND a.grantee <> n.nspowner "
      "AND r.rolname IS DISTINCT FROM current_user AND NOT coalesce(r.rolsuper, false) ORDER BY 1",
      schema));
  if (!row.flag(0, 0)) return;
  auto tables = list(database.query(
      "SELECT relname FROM pg_class WHERE relnamespace = (SELECT oid FROM pg_namespace "
      "WHERE nspname = $1::text) AND relkind IN ('r', 'p', 'v', 'm', 'f') ORDER BY relname",
      schema));
  const bool is_ledger = std::find(tables.begin(), tables.end(), "ledger") != tables.end();
  if (!is_ledger) {
    facts.strange_tables = std::move(tables);
    return;
  }
  facts.denied_tables = list(database.query(
      "SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
      "WHERE n.nspname = $1::text AND c.relkind = 'r' AND NOT (has_table_privilege(c.oid, "
      "'SELECT') "
      "AND has_table_privilege(c.oid, 'INSERT') AND has_table_privilege(c.oid, 'UPDATE') AND "
      "has_table_privilege(c.oid, 'DELETE')) ORDER BY c.relname",
      schema));
  // A page's role reads alone.
  const auto readable = database.query(
      "SELECT has_table_privilege(c.oid, 'SELECT') FROM pg_class c JOIN pg_namespace n "
      "ON n.oid = c.relnamespace WHERE n.nspname = $1::text AND c.relname = 'ledger'",
      schema);
  if (readable.empty() || !readable.flag(0, 0)) return;
  const auto version = database.query("SELECT version FROM ledger");
  if (!version.empty()) facts.version = version.number(0, 0);
}

/// FOR ALL TABLES covers also what is not there yet.
void look_at_publications(PostgresDatabase& database, const PostgresValues& schema,
                          PostgresFacts& facts) {
  const auto rows = database.query(
      "SELECT p.pubname, p.puballtables, r.name FROM pg_publication p LEFT JOIN LATERAL ("
      "SELECT c.relname AS name FROM pg_publication_rel pr JOIN pg_class c ON c.oid = pr.prrelid "
      "JOIN pg_namespace n ON n.oid = c.relnamespace WHERE pr.prpubid = p.oid "
      "AND n.nspname = $1::text) r ON true WHERE p.puballtables OR r.name IS NOT NULL OR EXISTS ("
      "SELECT FROM pg_publication_tables t WHERE t.pubname = p.pubname "
      "AND t.schemaname = $1::text) ORDER BY p.pubname, r.name",
      schema);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (facts.publications.empty() || facts.publications.back().name != rows.text(i, 0)) {
      auto& fresh = facts.publications.emplace_back();
      fresh.name = rows.text(i, 0);
      fresh.all_tables = rows.flag(i, 1);
      fresh.whole_schema = !fresh.all_tables && rows.is_null(i, 2);
    }
    if (!rows.is_null(i, 2)) facts.publications.back().tables.emplace_back(rows.text(i, 2));
  }
}

}  // namespace

std::optional<ServerPlace> behind_shared_sessions(const PostgresTarget& target) {
  PostgresDatabase one(target), other(target);
  one.connect();
  if (!one.connected()) return std::nullopt;  // A server that is away is waited for once.
  other.connect();
  // Not prepared: a name of the one would be in the way of the other.
  const auto session = [](PostgresDatabase& database) {
    const auto rows = database.execute("SELECT pg_backend_pid()");
    return rows.empty() ? std::int64_t{0} : rows.number(0, 0);
  };
  const std::int64_t first = session(one);
  const std::int64_t second = session(other);
  if (first == 0 || second == 0 || (first != second && session(one) == first)) return std::nullopt;
  const auto place = one.execute("SELECT host(inet_server_addr()), inet_server_port()");
  if (place.empty() || place.is_null(0, 0)) return ServerPlace{};
  return ServerPlace{std::string(place.text(0, 0)), place.number(0, 1)};
}

Result<PostgresFacts> inspect_postgres(PostgresTarget target) {
  const PostgresValues schema = PostgresValues().bytes(target.schema);
  PostgresDatabase database(std::move(target));
  PostgresFacts facts;
  facts.known_version = postgres_schema_version();
  database.connect();
  look_at_server(database, facts);
  look_at_schema(database, schema, facts);
  look_at_publications(database, schema, facts);
  if (database.error()) return tl::unexpected(*database.error());
  return facts;
}

}  // namespace walpulse::monitor
