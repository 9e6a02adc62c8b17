// `setup --print-sql`: what a DBA runs.
#include <map>
#include <string_view>

#include "connector/command/setup_plan.h"
#include "connector/command/setup_script_tables.h"
#include "connector/command/setup_script_text.h"
#include "publisher/database/cloud_sql.h"
#include "publisher/database/dsn_parts.h"
#include "publisher/database/role_script.h"
#include "publisher/database/session_settings.h"
#include "publisher/database/sql_quote.h"
#include "publisher/doctor/shell_command.h"

namespace walpulse::connector {
namespace {

using Values = std::map<std::string, std::string>;

/// Puts the values in for their @names, once: what a value holds is not looked at again.
std::string filled(std::string_view text, const Values& values) {
  std::string result;
  while (!text.empty()) {
    const auto at = text.find('@');
    result += text.substr(0, at);
    if (at == std::string_view::npos) break;
    text.remove_prefix(at + 1);
    const auto end = std::min(text.find_first_not_of("abcdefghijklmnopqrstuvwxyz_"), text.size());
    result += values.at(std::string(text.substr(0, end)));
    text.remove_prefix(end);
  }
  return result;
}

std::string wanted(const std::vector<TableName>& tables) {
  std::string rows;
  int place = 0;
  for (const TableName& table : tables) {
    rows += (rows.empty() ? "(" : ", (") + std::to_string(++place) + ", " +
            database::quote_literal(database::quote_table(table)) + ", " +
            database::quote_literal(table.schema) + ", " + database::quote_literal(table.name) +
            ")";
  }
  return rows;
}

/// An expression over the tables' names.
std::string create_publication(const std::string& publication) {
  constexpr std::string_view kPlace = "\n";
  const std::string statement = create_publication_sql(publication, std::string(kPlace));
  const auto at = statement.rfind(kPlace);
  return database::quote_literal(statement.substr(0, at)) +
         " || string_agg(called, ', ' ORDER BY place) || " +
         database::quote_literal(statement.substr(at + kPlace.size()));
}

/// In megabytes: the unit of the parameter.
std::string keep_size(const ReplayWindow& window) {
  const std::size_t twice = window.wanted() ? 2 * window.bytes : 0;
  return std::to_string(std::max(twice, std::size_t{10} << 30) >> 20);
}

Values names(const SourceOptions& source) {
  const TableName& name = source.tables.front();
  const std::string table = database::quote_table(name);
  const std::string slot = database::quote_literal(source.slot);
  const std::string anchor = database::quote_literal(anchor_slot(source));
  return {
      {"role", database::quote_literal(capture_role(source))},
      {"role_name", database::in_comment(capture_role(source))},
      {"publication", database::quote_literal(source.publication)},
      {"slot", slot},
      {"anchor", anchor},
      {"no_slot", "NOT EXISTS (SELECT FROM pg_replication_slots WHERE slot_name = " + slot + ")"},
      {"create_publication", create_publication(source.publication)},
      {"create_slot", database::quote_literal("SELECT pg_create_logical_replication_slot(" + slot +
                                              ", 'pgoutput'")},
      {"create_anchor", database::quote_literal("SELECT pg_copy_logical_replication_slot(" + slot +
                                                ", " + anchor + ", false)")},
      {"name", source.name.empty() ? "current_database()" : database::quote_literal(source.name)},
      {"table", database::quote_literal(table)},
      {"schema", database::quote_literal(name.schema)},
  };
}

}  // namespace

std::string setup_script(const GivenOptions& given, std::chrono::milliseconds slot_timeout) {
  const SourceOptions& source = given.source;
  const std::string role = capture_role(source);
  Values values = names(source);
  values["head"] = database::script_head();
  values["psql"] = database::in_comment(
      doctor::ShellCommand("psql").word(place_of(given, "DATABASE", "postgres")).text());
  values["pgpass_line"] = database::in_comment(database::password_file_line(source.dsn, role));
  values["login_words"] =
      filled(given.cloud_sql_iam ? setup_text::kTokenWords : setup_text::kPasswordWords, values);
  values["iam_command"] = database::iam_login_command(source.dsn);
  values["login_role"] = database::login_role_sql(role);
  values["keep_size"] = keep_size(given.window);
  values["flag_command"] = database::quote_literal(
      database::set_flag_command(source.dsn, "cloudsql.logical_decoding=on"));
  values["keep_command"] = database::quote_literal(
      database::set_flag_command(source.dsn, "max_slot_wal_keep_size=" + values["keep_size"]));
  values["timeout"] = std::to_string(slot_timeout.count());
  values["doctor_command"] = database::quote_literal(RemedyCommand(Command::doctor, given).text());
  values["setup_command"] = database::quote_literal(
      RemedyCommand(Command::setup, given).as_owner("OWNER", "DATABASE").text());
  values["wanted"] = wanted(source.tables);
  values["growth_part"] = is_one_table(source) ? "" : filled(setup_text::kGrowth, values);
  values["identity"] = comment_form_sql(filled(setup_text::kIdentity, values));
  values["anchor_part"] = given.window.wanted() ? filled(setup_text::kAnchor, values) : "";
  return filled(setup_text::kHead, values) + filled(setup_text::kRefusals, values) +
         filled(setup_text::kTables, values) +
         filled(given.cloud_sql_iam ? setup_text::kTokenRole : setup_text::kRole, values) +
         filled(setup_text::kRights, values);
}

}  // namespace walpulse::connector
