#include "monitor/command/doctor_checks.h"

#include <unistd.h>

#include "monitor/command/ledger_script.h"
#include "monitor/command/remedy_command.h"
#include "publisher/database/cloud_sql.h"
#include "publisher/database/dsn_parts.h"
#include "publisher/doctor/shell_command.h"

namespace walpulse::monitor {
namespace {

using Level = Check::Level;
using doctor::joined;

/// Tables in schemas of their own can be published since 15, but all statements here run on 13.
constexpr std::int64_t kOldestServer = 130000;

constexpr const char* kSuperuser = "a superuser, or postgres on Cloud SQL";
constexpr const char* kSchema = "walpulse_ledger";

Check check_server(const PostgresFacts& facts, const ServeOptions& options) {
  const std::string place =
      "PostgreSQL " + facts.server + ", database " + facts.database + ", role " + facts.role;
  if (facts.server_version < kOldestServer) {
    return {"server", Level::fail, place + ": is too old, PostgreSQL 13 is needed",
            with_ledger_at(options, "HOST")};
  }
  if (facts.in_recovery) {
    return {"server", Level::fail, place + ": is a standby, which takes no writes",
            with_ledger_at(options, "PRIMARY")};
  }
  if (facts.read_only) {
    return {"server",
            Level::fail,
            place + ": takes no writes (default_transaction_read_only)",
            "SET default_transaction_read_only = off; ALTER ROLE " + quoted_identifier(facts.role) +
                " IN DATABASE " + quoted_identifier(facts.database) +
                " SET default_transaction_read_only = off;",
            false,
            facts.role};
  }
  if (!facts.fsync) {
    return {"server",
            Level::warn,
            place + ": fsync or full_page_writes is off, a crash may lose what was acknowledged",
            "ALTER SYSTEM SET fsync = on; ALTER SYSTEM SET full_page_writes = on; SELECT "
            "pg_catalog.pg_reload_conf();",
            false,
            kSuperuser};
  }
  return {"server", Level::ok, place};
}

std::string grant_tables(const PostgresFacts& facts, const std::string& schema) {
  return "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA " +
         quoted_identifier(schema) + " TO " + quoted_identifier(facts.role) + ";";
}

Check check_rights(const PostgresFacts& facts, const std::string& schema) {
  const std::string quoted = quoted_identifier(schema);
  const std::string role = quoted_identifier(facts.role);
  const auto wrong = [](Level level, const std::string& finding, const std::string& remedy) {
    return Check{"rights", level, finding, remedy, false, kSuperuser};
  };
  if (!facts.schema_exists && !facts.may_create_schema)
    return wrong(Level::fail, "the role may not make the schema " + schema,
                 "CREATE SCHEMA " + quoted + " AUTHORIZATION " + role + ";");
  if (!facts.denied_tables.empty())
    return wrong(Level::fail,
                 "the role may not read and write all tables: " + joined(facts.denied_tables),
                 grant_tables(facts, schema));
  if (facts.schema_exists && !facts.may_create_tables)
    return wrong(facts.version == facts.known_version ? Level::warn : Level::fail,
                 "the role may not make tables in the schema " + schema,
                 "GRANT USAGE, CREATE ON SCHEMA " + quoted + " TO " + role + ";");
  return {"rights", Level::ok, "the role may make and write the tables"};
}

/// What they make there, a function of a name that ours call, could be taken for what was meant.
Check check_makers(const PostgresFacts& facts, const std::string& schema) {
  std::string from;
  for (const std::string& maker : facts.other_makers) {
    from += (from.empty() ? "" : ", ") + (maker == "PUBLIC" ? maker : quoted_identifier(maker));
  }
  if (from.empty()) return {"makers", Level::ok, "nobody else may create in the schema"};
  return {"makers",
          Level::warn,
          "others may create in the schema " + schema +
              ", and so run code in the monitor's name: " + joined(facts.other_makers),
          "REVOKE CREATE ON SCHEMA " + quoted_identifier(schema) + " FROM " + from + ";",
          false,
          kSuperuser};
}

void check_version(const PostgresFacts& facts, const ServeOptions& options,
                   std::vector<Check>& checks) {
  const std::string& schema = options.ledger_schema;
  const std::string known = std::to_string(facts.known_version);
  const std::string found = "its tables have version " + std::to_string(facts.version);
  // What may not be read is told by its rights.
  if (!facts.denied_tables.empty()) return;
  Check check{"ledger", Level::ok, found + " in schema " + schema};
  if (!facts.strange_tables.empty()) {
    check = {"ledger", Level::fail,
             "the schema " + schema + " holds something else: " + joined(facts.strange_tables),
             with_schema(options, schema == kSchema ? std::string(kSchema) + "_2" : kSchema)};
  } else if (facts.version == 0) {
    check.finding = "none yet: the first monitor makes it in schema " + schema;
  } else if (facts.version > facts.known_version) {
    check = {"ledger", Level::fail,
             found + ", this program knows " + known +
                 ": it takes the version of walpulse that wrote it"};
  } else if (facts.version < facts.known_version) {
    check.finding = found + ": the next monitor brings them to " + known;
  }
  checks.push_back(std::move(check));
}

/// A captured ledger would feed on itself: each group would become events that nobody wants.
Check check_publication(const PostgresFacts::Publication& found, const ServeOptions& options) {
  const std::string name = quoted_identifier(found.name);
  const std::string quoted = quoted_identifier(options.ledger_schema);
  Check check{"publication", Level::fail,
              "the publication " + found.name + " captures the ledger's tables"};
  if (found.all_tables) {
    check.finding +=
        ": it is FOR ALL TABLES. Where nobody needs it, drop it; else keep the ledger in a "
        "database of its own";
    check.remedy = "DROP PUBLICATION " + name + ";";
    check.otherwise = ledger_script_command(options, "walpulse");
  } else if (found.whole_schema) {
    check.remedy = "ALTER PUBLICATION " + name + " DROP TABLES IN SCHEMA " + quoted + ";";
  } else {
    std::string tables;
    for (const std::string& table : found.tables)
      tables += (tables.empty() ? "" : ", ") + quoted + "." + quoted_identifier(table);
    check.remedy = "ALTER PUBLICATION " + name + " DROP TABLE " + tables + ";";
  }
  check.as = "its owner";
  return check;
}

/// A server that answers, but not to this role: there is none, or not with this password, or not
/// in this database.
Check check_connection(const Error& error, const ServeOptions& options, database::Answer answer) {
  Check check = doctor::failed("server", error);
  if (!check.remedy.empty()) return check;
  if (options.cloud_sql_iam) {
    check.remedy = database::iam_login_command(options.ledger);
  } else if (answer == database::Answer::none) {
    check.finding += "; nobody answers there";
    check.remedy = with_ledger_at(options, "HOST");
  } else if (answer == database::Answer::server) {
    const std::string role = ledger_role(options.ledger);
    check.finding += "; where there is no role " + role +
                     " or no such database yet, this makes it; where there is, its password goes "
                     "to ~/.pgpass: " +
                     database::password_file_line(options.ledger, role);
    check.remedy = ledger_script_command(options);
  }
  return check;
}

}  // namespace

std::vector<Check> check_postgres(const Result<PostgresFacts>& facts, const ServeOptions& options,
                                  database::Answer answer) {
  if (!facts) return {check_connection(facts.error(), options, answer)};
  const std::string& schema = options.ledger_schema;
  std::vector<Check> checks{check_server(*facts, options), check_rights(*facts, schema),
                            check_makers(*facts, schema)};
  check_version(*facts, options, checks);
  for (const auto& publication : facts->publications)
    checks.push_back(check_publication(publication, options));
  if (facts->publications.empty())
    checks.push_back({"publication", Level::ok, "none captures the ledger's tables"});
  return checks;
}

Check check_sessions(const ServerPlace& server, const ServeOptions& options) {
  const bool named = !server.host.empty();
  return {"sessions", Level::fail,
          "a pooler before the server gives one of its sessions to several clients "
          "(pool_mode=transaction or statement): the ledger needs sessions of its own, the "
          "server's or pool_mode=session",
          with_ledger_at(options, named ? server.host : "HOST",
                         named ? std::to_string(server.port) : "5432")};
}

std::vector<Check> check_file(const std::filesystem::path& file) {
  const auto folder = file.has_parent_path() ? file.parent_path() : std::filesystem::path(".");
  const std::string place = doctor::shell_word(folder.string());
  // Whoever pastes it is the monitor's user.
  const std::string owned = "sudo chown \"$(id -un)\" ";
  if (::access(folder.c_str(), W_OK | X_OK) != 0)
    return {{"ledger", Level::fail, "the folder " + folder.string() + " cannot be written to",
             "sudo mkdir -p " + place + " && " + owned + place}};
  if (::access(file.c_str(), F_OK) != 0)
    return {{"ledger", Level::ok, "none yet: the monitor makes it in " + file.string()}};
  if (::access(file.c_str(), R_OK | W_OK) != 0)
    return {{"ledger", Level::fail, file.string() + " cannot be read and written",
             owned + doctor::shell_word(file.string()) + "*"}};
  return {{"ledger", Level::ok, file.string() + " can be read and written"}};
}

std::vector<Check> check_memory(const ServeOptions& options) {
  return {{"ledger", Level::warn, "the memory ledger forgets everything when the monitor ends",
           with_ledger(options, "sqlite:/var/lib/walpulse/ledger.db")}};
}

}  // namespace walpulse::monitor
