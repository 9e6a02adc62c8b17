// The statements of `setup`.
#include "connector/command/setup_plan.h"
#include "publisher/database/sql_quote.h"

namespace walpulse::connector {

std::string create_publication_sql(const std::string& publication, const std::string& table) {
  return "CREATE PUBLICATION " + database::quote_identifier(publication) + " FOR TABLE " + table +
         " WITH (publish = 'insert, update, delete, truncate')";
}

std::string comment_sql(const SourceOptions& source, const CaptureIdentity& identity) {
  return "COMMENT ON PUBLICATION " + database::quote_identifier(source.publication) + " IS " +
         database::quote_literal(to_comment(identity));
}

}  // namespace walpulse::connector
