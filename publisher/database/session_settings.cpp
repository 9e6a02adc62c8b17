#include "publisher/database/session_settings.h"

#include <vector>

#include "publisher/database/sql_quote.h"

namespace walpulse::database {
namespace {

struct Setting {
  const char* name;
  std::string value;  ///< As it stands behind the equals sign.
  int since = 0;      ///< The version_num that brought it; 0: every version knows it.
};

/// pg_catalog comes before every schema that the path does not name it behind, and what is made
/// goes into the path's first. The temporary schema would else come before both.
std::string search_path(const std::string& schema) {
  return (schema.empty() ? "pg_catalog" : quote_identifier(schema)) + ", pg_temp";
}

std::vector<Setting> settings(const SessionNeeds& needs) {
  const auto milliseconds = [](std::chrono::milliseconds time) {
    return std::to_string(time.count());
  };
  return {
      // First of all: they bind from the very next statement on.
      {"statement_timeout", milliseconds(needs.statement_timeout)},
      {"transaction_timeout", "0", 170000},
      {"idle_session_timeout", "0", 140000},
      {"lock_timeout", milliseconds(needs.lock_timeout)},
      {"idle_in_transaction_session_timeout", milliseconds(needs.idle_in_transaction_timeout)},
      {"search_path", search_path(needs.schema)},
      {"client_encoding", quote_literal(needs.client_encoding)},
      // 18 only warns where it leaves changes out.
      {"client_min_messages", "warning"},
      {"standard_conforming_strings", "on"},
      {"quote_all_identifiers", "off"},
      {"TimeZone", "'UTC'"},
      {"DateStyle", "'ISO, MDY'"},
      {"IntervalStyle", "postgres"},
      {"extra_float_digits", "3"},
      {"bytea_output", "hex"},
      {"lc_monetary", "'C'"},
      // Rows that a policy hides would pass for rows that are not there: the server refuses.
      {"row_security", "off"},
      {"default_transaction_isolation", "'read committed'"},
      {"default_transaction_deferrable", "off"},
      // A refusal is no lost connection.
      {"exit_on_error", "off"},
  };
}

}  // namespace

std::string session_sql(int version_num, const SessionNeeds& needs) {
  std::string sql;
  for (const Setting& setting : settings(needs)) {
    if (version_num < setting.since) continue;
    sql += (sql.empty() ? "SET " : "; SET ") + (setting.name + (" = " + setting.value));
  }
  return sql;
}

std::string script_head() {
  std::string sql;
  std::string newer;
  for (const Setting& setting : settings({})) {
    if (setting.since == 0) {
      sql += "SET " + (setting.name + (" = " + setting.value)) + ";\n";
    } else {
      newer += (newer.empty() ? "" : ", ") + quote_literal(setting.name);
    }
  }
  return "-- Whatever the server, the database or the role set, the words below mean one thing.\n"
         "\\set ON_ERROR_STOP on\n\\set QUIET on\n" +
         sql + "SELECT format('SET %I = 0', name) FROM pg_settings WHERE name IN (" + newer +
         ")\n\\gexec\n\n";
}

}  // namespace walpulse::database
