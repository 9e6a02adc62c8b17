// The catalog's questions about the captured table: publication, comment, privileges.
#include "connector/catalog/catalog.h"
#include "connector/catalog/sql_session.h"

namespace walpulse::connector {
namespace {

constexpr const char* kTable = R"(
SELECT c.oid, pg_get_userbyid(c.relowner)::text, c.relkind::text, c.relreplident::text,
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
          AND a.attgenerated = '')::text,
       (SELECT coalesce(json_agg(a.attname ORDER BY a.attnum), '[]') FROM pg_attribute a
        WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
          AND a.atttypid IN ('json'::regtype, 'jsonb'::regtype))::text
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = $1 AND c.relname = $2 AND c.relkind IN ('r', 'p'))";

char first_character(const std::string& text) { return text.empty() ? ' ' : text.front(); }

TableFacts read_table(const SqlRow& row) {
  TableFacts table;
  table.oid = Oid{static_cast<std::uint32_t>(row.unsigned_number(0))};
  table.owner = row.text(1);
  table.kind = first_character(row.text(2));
  table.replica_identity = first_character(row.text(3));
  table.primary_key = row.list(4);
  table.identity_index = row.list(5);
  table.columns = row.list(6);
  table.json_columns = row.list(7);
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
         ", pg_has_role(p.pubowner, 'USAGE') FROM pg_publication p LEFT JOIN pg_publication_rel r "
         "ON r.prpubid = p.oid AND r.prrelid "
         "= $2::oid WHERE p.pubname = $1";
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
  return publication;
}

constexpr const char* kRole = R"(
SELECT r.rolname::text, r.rolsuper, r.rolreplication,
       has_database_privilege(current_database(), 'CREATE'),
       pg_has_role('pg_read_all_stats', 'USAGE'),
       c.oid IS NOT NULL AND has_schema_privilege(c.relnamespace, 'USAGE'),
       c.oid IS NOT NULL AND has_table_privilege(c.oid, 'SELECT'),
       c.oid IS NOT NULL AND pg_has_role(c.relowner, 'USAGE')
FROM pg_roles r LEFT JOIN pg_class c ON c.oid = $1::oid
WHERE r.rolname = current_user)";

}  // namespace

Result<std::optional<TableFacts>> Catalog::table(const std::string& schema,
                                                 const std::string& table) {
  return first_row<TableFacts>(session_->query(kTable, {schema, table}), read_table);
}

Result<std::vector<std::string>> Catalog::schemas_with(const std::string& table) {
  auto rows = session_->query(
      "SELECT n.nspname::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
      "WHERE c.relname = $1 AND c.relkind IN ('r', 'p') ORDER BY 1",
      {table});
  if (!rows) return tl::unexpected<Error>(rows.error());
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
  if (!found) return tl::unexpected<Error>(found.error());
  if (!*found || !(*found)->comment) return std::optional<CaptureIdentity>();
  auto identity = parse_comment(*(*found)->comment);
  if (!identity) return tl::unexpected<Error>(identity.error());
  return std::optional(*identity);
}

Result<std::vector<Capture>> Catalog::captures() {
  auto rows = session_->query(
      "SELECT pubname::text, obj_description(oid, 'pg_publication') FROM pg_publication "
      "WHERE obj_description(oid, 'pg_publication') IS NOT NULL ORDER BY 1");
  if (!rows) return tl::unexpected<Error>(rows.error());
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
  if (!row) return tl::unexpected<Error>(row.error());
  RoleFacts role;
  role.name = row->text(0);
  role.superuser = row->flag(1);
  role.replication = row->flag(2);
  role.create_on_database = row->flag(3);
  role.monitor = row->flag(4);
  role.schema_usage = row->flag(5);
  role.table_select = row->flag(6);
  role.table_owner = row->flag(7);
  return role;
}

}  // namespace walpulse::connector
