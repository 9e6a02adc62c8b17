#include "connector/catalog/capture_grants.h"

#include "publisher/database/sql_quote.h"

namespace walpulse::connector {

std::string see_all_rows_sql(const ServerFacts& server, const RoleFacts& role,
                             const std::string& owner) {
  const std::string name = database::quote_identifier(role.name);
  if (server.cloud_sql) return "GRANT " + database::quote_identifier(owner) + " TO " + name + ";";
  return "ALTER ROLE " + name + " WITH BYPASSRLS;";
}

}  // namespace walpulse::connector
