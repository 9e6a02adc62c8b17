#include "monitor/command/ledger_script.h"

#include "monitor/command/remedy_command.h"
#include "publisher/database/cloud_sql.h"
#include "publisher/database/dsn_parts.h"
#include "publisher/database/role_script.h"
#include "publisher/database/session_settings.h"
#include "publisher/database/sql_quote.h"
#include "publisher/doctor/shell_command.h"

namespace walpulse::monitor {
namespace {

using database::quote_literal;

std::string or_else(const std::string& value, const char* otherwise) {
  return value.empty() ? otherwise : value;
}

/// As an administrator, who has a database of that name.
std::string psql(const std::string& ledger) {
  return doctor::ShellCommand("psql")
             .word(database::shown_dsn(
                 ledger, {{"dbname", "postgres"}, {"user", "postgres"}, {"passfile", ""}}))
             .text() +
         " -f ledger-role.sql";
}

std::string connection_of(const std::string& ledger) {
  return is_postgres_ledger(ledger) ? ledger : "";
}

/// A login by token reads it from a file of this process's own.
std::string shown_ledger(const ServeOptions& options, const std::string& database) {
  std::vector<database::DsnValue> changes;
  if (options.cloud_sql_iam) changes.push_back({"passfile", ""});
  if (!database.empty()) changes.push_back({"dbname", database});
  return database::shown_dsn(connection_of(options.ledger), changes);
}

}  // namespace

std::string ledger_role(const std::string& ledger) {
  return or_else(database::dsn_value(connection_of(ledger), "user"), "walpulse_monitor");
}

std::string ledger_script(const ServeOptions& options) {
  const std::string dsn = connection_of(options.ledger);
  const std::string role = ledger_role(options.ledger);
  const std::string home = or_else(database::dsn_value(dsn, "dbname"), "walpulse");
  const std::string place = shown_ledger(options, home);
  return "-- walpulse: what the monitor's ledger needs in PostgreSQL. Run it with psql, not in "
         "one\n"
         "-- transaction (no -1), as a superuser (on Cloud SQL as postgres):\n--\n--   " +
         database::in_comment(psql(dsn)) +
         "\n--\n-- Safe to repeat: what is there stays as it is. The role is " +
         database::in_comment(role) + ", not the\n-- connector's, " +
         (options.cloud_sql_iam
              ? "and logs in by token.\n\n"
              : "which has another password. psql asks for it (\\password) and sends a hash of it: "
                "it\n-- stands in no file, no output and no log. The monitor's machine has it in "
                "~/.pgpass (chmod 600), as\n-- one line:\n--\n--   " +
                    database::in_comment(database::password_file_line(place, role)) + "\n\n") +
         database::script_head() +
         "\\pset pager off\n\\pset tuples_only on\n\\pset format unaligned\n"
         "-- 1. The role. " +
         (options.cloud_sql_iam
              ? "It logs in by token, and is made outside SQL:\n--   " +
                    database::iam_login_command(dsn) + "\n"
              : "It gets LOGIN last: stopped at the question, the script asks again.\n" +
                    database::login_role_sql(role)) +
         "\n-- 2. The database. Mage's own does too: then its publication must not be FOR ALL "
         "TABLES.\n"
         "SELECT format('CREATE DATABASE %I', " +
         quote_literal(home) +
         ")\nWHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = " + quote_literal(home) +
         ")\n\\gexec\n\n"
         "-- 3. The rights. CREATE: the monitor makes and migrates its schema, " +
         database::in_comment(options.ledger_schema) +
         ", by itself, and\n-- owns it. It needs no other right, and none of Mage's.\n"
         "SELECT format('GRANT CONNECT, CREATE ON DATABASE %I TO %I', " +
         quote_literal(home) + ", " + quote_literal(role) +
         ")\n\\gexec\n"
         "-- Whoever may not give them is only warned.\n"
         "DO $walpulse$ DECLARE owner name;\nBEGIN\n  SELECT pg_get_userbyid(datdba) INTO owner "
         "FROM pg_database WHERE datname = " +
         quote_literal(home) + ";\n  IF NOT has_database_privilege(" + quote_literal(role) + ", " +
         quote_literal(home) +
         ", 'CREATE') THEN\n    RAISE EXCEPTION 'the database is %''s; as % run: %', owner, "
         "owner,\n"
         "      format('GRANT CONNECT, CREATE ON DATABASE %I TO %I', " +
         quote_literal(home) + ", " + quote_literal(role) +
         ");\n  END IF;\nEND $walpulse$;\n"
         "SELECT 'everything is there; next, where the monitor runs: ' || " +
         quote_literal(with_ledger(options, place)) + ";\n";
}

std::string ledger_script_command(const ServeOptions& options, const std::string& database) {
  return with_ledger(options, shown_ledger(options, database)) +
         " --print-sql > ledger-role.sql && " + psql(connection_of(options.ledger));
}

}  // namespace walpulse::monitor
