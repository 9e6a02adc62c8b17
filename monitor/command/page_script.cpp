#include "monitor/command/page_script.h"

#include <cstdio>
#include <vector>

#include "publisher/database/cloud_sql.h"
#include "publisher/database/dsn_parts.h"
#include "publisher/database/role_script.h"
#include "publisher/database/session_settings.h"
#include "publisher/database/sql_quote.h"
#include "publisher/doctor/shell_command.h"

namespace walpulse::monitor {
namespace {

std::string said_or(const std::string& value, const char* otherwise) {
  return value.empty() ? otherwise : value;
}

/// As an administrator, in the ledger's database: it is there already.
std::string page_psql(const std::string& dsn, const std::string& home) {
  return doctor::ShellCommand("psql")
             .word(database::shown_dsn(dsn,
                                       {{"dbname", home}, {"user", "postgres"}, {"passfile", ""}}))
             .text() +
         " -f page-role.sql";
}

}  // namespace

std::string page_script(const ServeOptions& options) {
  using database::quote_literal;
  const std::string dsn = is_postgres_ledger(options.ledger) ? options.ledger : "";
  const std::string role =
      quote_literal(said_or(database::dsn_value(dsn, "user"), "walpulse_page"));
  const std::string home = said_or(database::dsn_value(dsn, "dbname"), "walpulse");
  const std::string schema = quote_literal(options.ledger_schema);
  const std::string grant_on_all =
      "format('GRANT USAGE ON SCHEMA %I TO %I', " + schema + ", " + role +
      ")\n\\gexec\nSELECT format('GRANT SELECT ON ALL TABLES IN SCHEMA %I TO %I', " + schema +
      ", " + role + ")\n\\gexec\n";
  return "-- walpulse: what the page's role needs in PostgreSQL, to read the monitor's ledger and "
         "to "
         "write mutes.\n-- Run it with psql, not in one transaction (no -1), as a superuser (on "
         "Cloud "
         "SQL as postgres), once the\n-- monitor has made its ledger:\n--\n--   " +
         database::in_comment(page_psql(dsn, home)) +
         "\n--\n-- Safe to repeat: what is there stays as it is.\n\n" + database::script_head() +
         "\\pset pager off\n\\pset tuples_only on\n\\pset format unaligned\n"
         "-- 1. The ledger, which the monitor makes by itself, must be there.\n"
         "DO $walpulse$ BEGIN\n  IF to_regclass(format('%I.mute', " +
         schema +
         ")) IS NULL THEN\n    RAISE EXCEPTION 'there is no ledger in the schema % of this "
         "database: start the monitor once, then repeat', " +
         schema + ";\n  END IF;\nEND $walpulse$;\n\n-- 2. The role. " +
         (options.cloud_sql_iam
              ? "It logs in by token, and is made outside SQL:\n--   " +
                    database::iam_login_command(dsn) + "\n"
              : "It gets LOGIN last: stopped at the question, the script asks again.\n" +
                    database::login_role_sql(
                        said_or(database::dsn_value(dsn, "user"), "walpulse_page"))) +
         "\n-- 3. The rights. The ledger's owner gives them: whoever is no superuser becomes a "
         "member first.\n"
         "SELECT pg_get_userbyid(nspowner) AS walpulse_owner FROM pg_namespace WHERE nspname = " +
         schema +
         "\n\\gset\n"
         "SELECT format('GRANT %I TO %I', :'walpulse_owner', current_user)\n"
         "WHERE NOT pg_has_role(current_user, :'walpulse_owner', 'USAGE')\n\\gexec\n"
         "SELECT format('GRANT CONNECT ON DATABASE %I TO %I', current_database(), " +
         role + ")\n\\gexec\nSELECT " + grant_on_all +
         "-- What a later version adds can be read, too.\n"
         "SELECT format('ALTER DEFAULT PRIVILEGES FOR ROLE %I IN SCHEMA %I GRANT SELECT ON TABLES "
         "TO %I', :'walpulse_owner', " +
         schema + ", " + role +
         ")\n\\gexec\n"
         "-- Who silenced what stays on record: nothing is deleted.\n"
         "SELECT format('GRANT INSERT, UPDATE ON %I.mute TO %I', " +
         schema + ", " + role +
         ")\n\\gexec\n"
         "-- Who writes takes turns with the monitor: by tables that hold nothing.\n"
         "SELECT format('GRANT INSERT ON %I.lock_ledger TO %I', " +
         schema + ", " + role +
         ")\n\\gexec\nSELECT format('GRANT UPDATE ON %I.lock_deliveries TO %I', " + schema + ", " +
         role +
         ")\n\\gexec\n"
         "-- What was given up is sent again by whoever may write.\n"
         "SELECT format('GRANT UPDATE (state, head, due, attempts, repeated, ended, expires, "
         "answer) ON "
         "%I.delivery TO %I', " +
         schema + ", " + role +
         ")\n\\gexec\n"
         "SELECT 'everything is there; next: walpulse-monitor page --ledger ' || " +
         quote_literal(
             doctor::shell_word(database::shown_dsn(dsn, {{"dbname", home}, {"passfile", ""}}))) +
         ";\n";
}

int print_page_script(const ServeOptions& options) {
  const std::string script = page_script(options);
  std::fwrite(script.data(), 1, script.size(), stdout);
  return 0;
}

}  // namespace walpulse::monitor
