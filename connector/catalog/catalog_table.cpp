// The catalog's questions about the captured table: publication, comment, privileges.
#include "connector/catalog/catalog.h"
#include "connector/catalog/sql_session.h"
#include "publisher/database/sql_quote.h"

namespace walpulse::connector {
namespace {

constexpr const char* kTable = R"(
SELECT c.oid, n.nspname::text, c.relname::text, pg_get_userbyid(c.relowner)::text, c.relkind::text, c.relreplident::text,
       (SELECT coalesce(json_agg(a.attname ORDER BY k.n), '[]')
        FROM pg_index i, unnest(i.indkey) WITH ORDINALITY k(attnum, n), pg_attribute a
        WHERE i.indrelid = c.oid AND i.indisprimary AND a.attrelid = c.oid
          AND a.attnum = k.attnum)::text,
       (SELECT coalesce(json_agg(a.attname ORDER BY k.n), '[]')
        FROM pg_index i, unnest(i.indkey) WITH ORDINALITY k(attnum, n), pg_attribute a
        WHERE i.indrelid = c.oid AND i.indisreplident AND a.attrelid = c.oid
          AND a.attnum = k.attnum)::text,
       (SELECT coalesce(json_agg(a.attname ORDER BY a.attnum), '[]') FROM pg_attribute a
        WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
          AND a.attgenerated = '')::text
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p') AND )";

/// A type holds what it is made of: a domain its base, an array its elements, a range its ends.
/// None of that ever changes; the fields of a row do (ALTER TYPE, ALTER TABLE), so a row passes for
/// JSON. 114 is json, 3802 jsonb.
std::string base_types_query(int version_num) {
  const std::string multirange = version_num >= 140000 ? " OR r.rngmultitypid = t.oid" : "";
  return R"(
WITH RECURSIVE wanted(oid) AS (
  SELECT atttypid FROM pg_attribute
  WHERE attrelid = $1::oid AND attnum > 0 AND NOT attisdropped
  UNION SELECT oid FROM pg_type WHERE oid = $2::oid
), base(wanted, oid) AS (
  SELECT oid, oid FROM wanted
  UNION SELECT b.wanted, t.typbasetype FROM base b JOIN pg_type t ON t.oid = b.oid
  WHERE t.typtype = 'd'
), part(wanted, oid) AS (
  SELECT oid, oid FROM wanted
  UNION SELECT p.wanted, of.oid FROM part p JOIN pg_type t ON t.oid = p.oid CROSS JOIN LATERAL (
    SELECT t.typbasetype AS oid WHERE t.typtype = 'd'
    UNION ALL SELECT t.typelem WHERE t.typelem <> 0
    UNION ALL SELECT r.rngsubtype FROM pg_range r WHERE r.rngtypid = t.oid)" +
         multirange + R"() of
)
SELECT w.oid, CASE
  WHEN EXISTS (SELECT FROM base b WHERE b.wanted = w.oid AND b.oid = 3802) THEN 3802
  WHEN EXISTS (SELECT FROM part p JOIN pg_type t ON t.oid = p.oid WHERE p.wanted = w.oid
               AND (p.oid IN (114, 3802) OR t.typtype = 'c')) THEN 114
  ELSE (SELECT b.oid FROM base b JOIN pg_type t ON t.oid = b.oid
        WHERE b.wanted = w.oid AND t.typtype <> 'd') END
FROM wanted w)";
}

char first_character(const std::string& text) { return text.empty() ? ' ' : text.front(); }

TableFacts read_table_facts(const SqlRow& row) {
  TableFacts table;
  table.oid = Oid{static_cast<std::uint32_t>(row.unsigned_number(0))};
  table.schema = row.text(1);
  table.name = row.text(2);
  table.owner = row.text(3);
  table.kind = first_character(row.text(4));
  table.replica_identity = first_character(row.text(5));
  table.primary_key = row.list(6);
  table.identity_index = row.list(7);
  table.columns = row.list(8);
  return table;
}

// Row filters, column lists and whole schemas came with 15.
std::string publication_query(int version_num) {
  const bool has_lists = version_num >= 150000;
  const std::string in_schema =
      has_lists
          ? "EXISTS (SELECT FROM pg_publication_namespace s JOIN pg_class c ON c.relnamespace "
            "= s.pnnspid WHERE s.pnpubid = p.oid AND c.oid = $2::oid)"
          : "false";
  const std::string schemas =
      has_lists ? "(SELECT count(*) FROM pg_publication_namespace s WHERE s.pnpubid = p.oid)" : "0";
  return "SELECT pg_get_userbyid(p.pubowner)::text, p.xmin::text, p.puballtables, p.pubinsert, "
         "p.pubupdate, p.pubdelete, p.pubtruncate, "
         "obj_description(p.oid, 'pg_publication'), r.oid, "
         "r.oid IS NOT NULL OR p.puballtables OR " +
         in_schema + ", " + (has_lists ? "pg_get_expr(r.prqual, r.prrelid)" : "NULL") + ", " +
         (has_lists ? "(SELECT coalesce(json_agg(a.attname ORDER BY a.attnum), '[]') FROM "
                      "pg_attribute a WHERE a.attrelid = r.prrelid AND a.attnum = ANY "
                      "(r.prattrs::int2[]))::text"
                    : "'[]'") +
         ", (SELECT count(*) FROM pg_publication_rel o WHERE o.prpubid = p.oid AND o.prrelid <> "
         "$2::oid) + " +
         schemas +
         ", pg_has_role(p.pubowner, 'USAGE'), p.pubowner, (SELECT d.xmin::text FROM pg_shdepend d "
         "JOIN pg_database b ON b.oid = d.dbid WHERE b.datname = current_database() AND d.classid "
         "= "
         "'pg_publication'::regclass AND d.objid = p.oid AND d.deptype = 'o') FROM pg_publication "
         "p "
         "LEFT JOIN pg_publication_rel r ON r.prpubid = p.oid AND r.prrelid = $2::oid "
         "WHERE p.pubname = $1";
}

PublicationFacts read_publication(const SqlRow& row) {
  PublicationFacts publication;
  publication.owner = row.text(0);
  publication.xmin = Xid{static_cast<std::uint32_t>(row.unsigned_number(1))};
  publication.all_tables = row.flag(2);
  publication.inserts = row.flag(3);
  publication.updates = row.flag(4);
  publication.deletes = row.flag(5);
  publication.truncates = row.flag(6);
  publication.comment = row.maybe_text(7);
  if (row.maybe_text(8)) {
    publication.relation = Oid{static_cast<std::uint32_t>(row.unsigned_number(8))};
  }
  publication.publishes_table = row.flag(9);
  publication.row_filter = row.maybe_text(10);
  publication.column_list = row.list(11);
  publication.other_relations = static_cast<int>(row.number(12));
  publication.owned = row.flag(13);
  publication.owner_oid = Oid{static_cast<std::uint32_t>(row.unsigned_number(14))};
  if (row.maybe_text(15)) {
    publication.owner_xmin = Xid{static_cast<std::uint32_t>(row.unsigned_number(15))};
  }
  return publication;
}

constexpr const char* kRole = R"(
SELECT r.rolname::text, r.rolsuper, r.rolreplication,
       has_database_privilege(current_database(), 'CREATE'),
       pg_has_role('pg_read_all_stats', 'USAGE'),
       c.oid IS NOT NULL AND has_schema_privilege(c.relnamespace, 'USAGE'),
       c.oid IS NOT NULL AND has_table_privilege(c.oid, 'SELECT'),
       c.oid IS NOT NULL AND pg_has_role(c.relowner, 'USAGE'),
       c.oid IS NOT NULL AND row_security_active(c.oid), r.rolconnlimit
FROM pg_roles r LEFT JOIN pg_class c ON c.oid = $1::oid
WHERE r.rolname = current_user)";

}  // namespace

Result<std::optional<TableFacts>> Catalog::table(const std::string& schema,
                                                 const std::string& table) {
  return first_row<TableFacts>(
      session_->query(std::string(kTable) + "n.nspname = $1 AND c.relname = $2", {schema, table}),
      read_table_facts);
}

Result<std::optional<TableFacts>> Catalog::table(Oid table) {
  return first_row<TableFacts>(
      session_->query(std::string(kTable) + "c.oid = $1::oid", {std::to_string(table.value)}),
      read_table_facts);
}

Result<std::optional<TableFacts>> Catalog::table(const std::string& schema,
                                                 const std::string& table,
                                                 const std::optional<CaptureIdentity>& identity) {
  auto named = this->table(schema, table);
  if (!named || *named || !identity) return named;
  const CapturedTable* captured = identity->find({schema, table});
  return captured == nullptr ? named : this->table(captured->oid);
}

Result<BaseTypes> Catalog::base_types(Oid table, Oid type) {
  const auto rows = session_->query(base_types_query(version_num()),
                                    {std::to_string(table.value), std::to_string(type.value)});
  if (!rows) return forward(rows);
  const auto oid = [](const SqlRow& row, std::size_t column) {
    return Oid{static_cast<std::uint32_t>(row.unsigned_number(column))};
  };
  BaseTypes types;
  for (const SqlRow& row : *rows) types.emplace(oid(row, 0), oid(row, 1));
  return types;
}

Result<std::vector<ColumnType>> Catalog::column_types(Oid table) {
  auto rows = session_->query(
      "WITH RECURSIVE looked(num, name, type) AS (SELECT attnum, attname::text, atttypid FROM "
      "pg_attribute WHERE attrelid = $1::oid AND attnum > 0 AND NOT attisdropped "
      "UNION ALL SELECT l.num, l.name, t.typbasetype FROM looked l JOIN pg_type t "
      "ON t.oid = l.type WHERE t.typtype = 'd') "
      "SELECT l.name, format_type(l.type, NULL), t.typcategory::text FROM looked l JOIN pg_type t "
      "ON t.oid = l.type WHERE t.typtype <> 'd' ORDER BY l.num",
      {std::to_string(table.value)});
  if (!rows) return forward(rows);
  std::vector<ColumnType> types;
  for (const auto& row : *rows) {
    types.push_back({row.text(0), row.text(1), first_character(row.text(2))});
  }
  return types;
}

Result<BlockTraffic> Catalog::block_traffic(const TableFacts& runs, const TableFacts& blocks) {
  constexpr std::chrono::milliseconds kPatience{2'000};
  const auto counted = session_->query_row(
      "SELECT (SELECT n_tup_ins + n_tup_upd + n_tup_del FROM pg_stat_all_tables WHERE relid = "
      "$1::oid), (SELECT n_tup_ins FROM pg_stat_all_tables WHERE relid = $2::oid)",
      {std::to_string(blocks.oid.value), std::to_string(runs.oid.value)});
  if (!counted) return forward(counted);
  BlockTraffic traffic{counted->number(0), counted->number(1), {}};
  // The column has an index; whoever may not read the table does without.
  const auto day = session_->query_within(kPatience,
                                          "SELECT count(*) FROM ONLY " +
                                              database::quote_table(runs.schema, runs.name) +
                                              " WHERE execution_date > now() - interval '1 day'",
                                          {});
  if (day && !day->empty()) traffic.day_run_count = day->front().maybe_number(0);
  return traffic;
}

Result<std::vector<std::string>> Catalog::databases() {
  auto rows = session_->query(
      "SELECT datname::text FROM pg_database WHERE datallowconn AND NOT datistemplate ORDER BY 1");
  if (!rows) return forward(rows);
  std::vector<std::string> names;
  for (const auto& row : *rows) names.push_back(row.text(0));
  return names;
}

Result<std::vector<std::string>> Catalog::schemas_with(const std::string& table) {
  auto rows = session_->query(
      "SELECT n.nspname::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
      "WHERE c.relname = $1 AND c.relkind IN ('r', 'p') ORDER BY 1",
      {table});
  if (!rows) return forward(rows);
  std::vector<std::string> schemas;
  for (const auto& row : *rows) schemas.push_back(row.text(0));
  return schemas;
}

Result<std::optional<PublicationFacts>> Catalog::publication(const std::string& publication,
                                                             Oid table) {
  return first_row<PublicationFacts>(
      session_->query(publication_query(version_num()), {publication, std::to_string(table.value)}),
      read_publication);
}

Result<std::optional<CaptureIdentity>> Catalog::identity(const std::string& publication) {
  auto found = this->publication(publication, Oid{0});
  if (!found) return forward(found);
  if (!*found || !(*found)->comment) return std::optional<CaptureIdentity>();
  auto identity = parse_comment(*(*found)->comment);
  if (!identity) return forward(identity);
  return std::optional(*identity);
}

Result<std::vector<Capture>> Catalog::captures() {
  auto rows = session_->query(
      "SELECT pubname::text, obj_description(oid, 'pg_publication') FROM pg_publication "
      "WHERE obj_description(oid, 'pg_publication') IS NOT NULL ORDER BY 1");
  if (!rows) return forward(rows);
  std::vector<Capture> captures;
  for (const auto& row : *rows) {
    if (auto identity = parse_comment(row.text(1))) {
      captures.push_back({row.text(0), std::move(*identity)});
    }
  }
  return captures;
}

Result<RoleFacts> Catalog::role(Oid table) {
  auto row = session_->query_row(kRole, {std::to_string(table.value)});
  if (!row) return forward(row);
  RoleFacts role;
  role.name = row->text(0);
  role.superuser = row->flag(1);
  role.replication = row->flag(2);
  role.create_on_database = row->flag(3);
  role.monitor = row->flag(4);
  role.schema_usage = row->flag(5);
  role.table_select = row->flag(6);
  role.table_owner = row->flag(7);
  role.row_security = row->flag(8);
  if (const auto limit = row->number(9); limit >= 0) role.connections_max = static_cast<int>(limit);
  return role;
}

}  // namespace walpulse::connector
