// The statements of `setup`.
#include "connector/command/setup_plan.h"
#include "publisher/database/sql_quote.h"

namespace walpulse::connector {

std::string called_list(const std::vector<PlannedTable>& tables) {
  std::string list;
  for (const PlannedTable& table : tables) list += (list.empty() ? "" : ", ") + table.called;
  return list;
}

std::string create_publication_sql(const std::string& publication, const std::string& tables) {
  return "CREATE PUBLICATION " + database::quote_identifier(publication) + " FOR TABLE " + tables +
         " WITH (publish = 'insert, update, delete, truncate')";
}

std::string comment_form_sql(const std::string& identity) {
  return R"((SELECT CASE json_array_length(i -> 'tables') WHEN 1 THEN json_strip_nulls(json_build_object(
    'walpulse', 1, 'name', i -> 'name', 'epoch', i -> 'epoch',
    'system_identifier', i -> 'system_identifier', 'table', i #> '{tables,0,oid}',
    'publication_relation', i #> '{tables,0,publication_relation}',
    'publication_xmin', i -> 'publication_xmin', 'schema', i #> '{tables,0,schema}',
    'table_name', i #> '{tables,0,name}', 'follows', i -> 'follows', 'database', i -> 'database',
    'publication_owner', i -> 'publication_owner')) ELSE i END
  FROM (SELECT )" +
         identity + " AS i) identity)";
}

std::string comment_sql(const SourceOptions& source, const CaptureIdentity& identity) {
  return "COMMENT ON PUBLICATION " + database::quote_identifier(source.publication) + " IS " +
         database::quote_literal(to_comment(identity));
}

}  // namespace walpulse::connector
