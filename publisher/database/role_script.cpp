#include "publisher/database/role_script.h"

#include <algorithm>

#include "publisher/database/sql_quote.h"

namespace walpulse::database {

std::string login_role_sql(const std::string& role) {
  const std::string name = quote_literal(role);
  // \password reads its argument as SQL reads a name; a variable may hold whatever a name may.
  return "SELECT " + name +
         " AS walpulse_role, NOT EXISTS (SELECT FROM pg_roles WHERE rolname = " + name +
         "\n                                   AND rolcanlogin) AS walpulse_role_is_new\n"
         "\\gset\n"
         "\\if :walpulse_role_is_new\n"
         "SELECT format('CREATE ROLE %I NOLOGIN', " +
         name +
         ")\n"
         "WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = " +
         name +
         ")\n"
         "\\gexec\n"
         "\\echo 'The password of the new role' :walpulse_role\n"
         "\\password :\"walpulse_role\"\n"
         "SELECT format('ALTER ROLE %I LOGIN', " +
         name +
         ")\n"
         "\\gexec\n"
         "\\endif\n";
}

std::string in_comment(std::string text) {
  std::ranges::replace_if(
      text, [](unsigned char c) { return c < ' '; }, '?');
  return text;
}

}  // namespace walpulse::database
