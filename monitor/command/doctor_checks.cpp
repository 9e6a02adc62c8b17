#include "monitor/command/doctor_checks.h"

#include <unistd.h>

#include "publisher/database/dsn.h"

namespace walpulse::monitor {
namespace {

using Level = Check::Level;

/// Tables in schemas of their own can be published since 15, but all statements here run on 13.
constexpr std::int64_t kOldestServer = 130000;

std::string joined(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

Check check_server(const PostgresFacts& facts) {
  const std::string place =
      "PostgreSQL " + facts.server + ", database " + facts.database + ", role " + facts.role;
  if (facts.server_version < kOldestServer)
    return {"server", Level::fail, place + ": is too old", "use PostgreSQL 13 or later"};
  if (facts.read_only)
    return {"server", Level::fail, place + ": takes no writes",
            "name the primary (and see default_transaction_read_only)"};
  if (!facts.fsync)
    return {"server", Level::warn,
            place + ": fsync or full_page_writes is off, a crash may lose what was acknowledged",
            "ALTER SYSTEM SET fsync = on; ALTER SYSTEM SET full_page_writes = on"};
  return {"server", Level::ok, place, ""};
}

Check check_rights(const PostgresFacts& facts, const std::string& schema) {
  const std::string quoted = quoted_identifier(schema);
  const std::string role = quoted_identifier(facts.role);
  if (!facts.schema_exists && !facts.may_create_schema)
    return {"rights", Level::fail, "the role may not make the schema " + schema,
            "CREATE SCHEMA " + quoted + " AUTHORIZATION " + role};
  if (!facts.denied_tables.empty())
    return {
        "rights", Level::fail,
        "the role may not read and write all tables: " + joined(facts.denied_tables),
        "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA " + quoted + " TO " + role};
  if (facts.schema_exists && !facts.may_create_tables)
    return {"rights", facts.version == facts.known_version ? Level::warn : Level::fail,
            "the role may not make tables in the schema " + schema,
            "GRANT USAGE, CREATE ON SCHEMA " + quoted + " TO " + role};
  return {"rights", Level::ok, "the role may make and write the tables", ""};
}

/// What they make there, a function of a name that ours call, could be taken for what was meant.
Check check_makers(const PostgresFacts& facts, const std::string& schema) {
  std::string from;
  for (const std::string& maker : facts.other_makers) {
    from += (from.empty() ? "" : ", ") + (maker == "PUBLIC" ? maker : quoted_identifier(maker));
  }
  if (from.empty()) return {"makers", Level::ok, "nobody else may create in the schema", ""};
  return {"makers", Level::warn,
          "others may create in the schema " + schema +
              ", and so run code in the monitor's name: " + joined(facts.other_makers),
          "REVOKE CREATE ON SCHEMA " + quoted_identifier(schema) + " FROM " + from};
}

Check check_version(const PostgresFacts& facts, const std::string& schema) {
  const std::string known = std::to_string(facts.known_version);
  const std::string found = std::to_string(facts.version);
  if (!facts.strange_tables.empty())
    return {"ledger", Level::fail,
            "the schema " + schema + " holds something else: " + joined(facts.strange_tables),
            "--ledger-schema walpulse_ledger"};
  if (!facts.denied_tables.empty())
    return {"ledger", Level::fail, "its version cannot be read", "see rights"};
  if (facts.version == 0)
    return {"ledger", Level::ok, "none yet: the first monitor makes it in schema " + schema, ""};
  if (facts.version > facts.known_version)
    return {"ledger", Level::fail,
            "its tables have version " + found + ", this program knows " + known,
            "install the version of walpulse that wrote it"};
  if (facts.version < facts.known_version)
    return {"ledger", Level::ok,
            "its tables have version " + found + ": the next monitor brings them to " + known, ""};
  return {"ledger", Level::ok, "its tables have version " + found + " in schema " + schema, ""};
}

/// A captured ledger would feed on itself: each group would become events that nobody wants.
Check check_publication(const PostgresFacts::Publication& found, const std::string& schema) {
  const std::string name = quoted_identifier(found.name);
  const std::string quoted = quoted_identifier(schema);
  Check check{"publication", Level::fail,
              "the publication " + found.name + " captures the ledger's tables", ""};
  if (found.all_tables) {
    check.finding += ": it is FOR ALL TABLES";
    check.remedy = "keep the ledger in another database, or DROP PUBLICATION " + name +
                   " and make it anew for pipeline_run alone (walpulse-connector setup)";
  } else if (found.whole_schema) {
    check.remedy = "ALTER PUBLICATION " + name + " DROP TABLES IN SCHEMA " + quoted;
  } else {
    std::string tables;
    for (const std::string& table : found.tables)
      tables += (tables.empty() ? "" : ", ") + quoted + "." + quoted_identifier(table);
    check.remedy = "ALTER PUBLICATION " + name + " DROP TABLE " + tables;
  }
  return check;
}

}  // namespace

std::vector<Check> check_postgres(const Result<PostgresFacts>& facts, const std::string& schema,
                                  bool by_iam) {
  if (!facts)
    return {doctor::failed(
        "server", facts.error(),
        by_iam ? database::iam_login_remedy()
               : "--ledger 'host=HOST port=5432 dbname=DATABASE user=ROLE' (password: "
                 "PGPASSWORD or PGPASSFILE)")};
  std::vector<Check> checks{check_server(*facts), check_rights(*facts, schema),
                            check_makers(*facts, schema), check_version(*facts, schema)};
  for (const auto& publication : facts->publications)
    checks.push_back(check_publication(publication, schema));
  if (facts->publications.empty())
    checks.push_back({"publication", Level::ok, "none captures the ledger's tables", ""});
  return checks;
}

std::vector<Check> check_file(const std::filesystem::path& file) {
  const auto folder = file.has_parent_path() ? file.parent_path() : std::filesystem::path(".");
  if (::access(folder.c_str(), W_OK | X_OK) != 0)
    return {{"ledger", Level::fail, "the folder " + folder.string() + " cannot be written to",
             "mkdir -p " + folder.string() + " and let the monitor's user own it"}};
  if (::access(file.c_str(), F_OK) != 0)
    return {{"ledger", Level::ok, "none yet: the monitor makes it in " + file.string(), ""}};
  if (::access(file.c_str(), R_OK | W_OK) != 0)
    return {{"ledger", Level::fail, file.string() + " cannot be read and written",
             "let the monitor's user own it"}};
  return {{"ledger", Level::ok, file.string() + " can be read and written", ""}};
}

std::vector<Check> check_memory() {
  return {{"ledger", Level::warn, "the memory ledger forgets everything when the monitor ends",
           "--ledger sqlite:/var/lib/walpulse/ledger.db"}};
}

}  // namespace walpulse::monitor
