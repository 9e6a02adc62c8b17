// The doctor's check of the columns that the monitor counts by.
#include <algorithm>
#include <array>

#include "connector/command/doctor_checks.h"
#include "publisher/database/sql_quote.h"

namespace walpulse::connector {
namespace {

using Level = Check::Level;

enum class Sort { integer, instant, text, boolean };

struct Wanted {
  const char* column;
  Sort sort;
  bool needed = false;  ///< Without it nothing can be counted.
};

constexpr std::array kWanted{Wanted{"id", Sort::integer, true},
                             Wanted{"created_at", Sort::instant},
                             Wanted{"pipeline_schedule_id", Sort::integer},
                             Wanted{"pipeline_uuid", Sort::text},
                             Wanted{"execution_date", Sort::instant},
                             Wanted{"status", Sort::text, true},
                             Wanted{"completed_at", Sort::instant},
                             Wanted{"passed_sla", Sort::boolean},
                             Wanted{"backfill_id", Sort::integer},
                             Wanted{"started_at", Sort::instant}};

constexpr std::string_view kZoneless = "timestamp without time zone";

const char* type_of(Sort sort) {
  switch (sort) {
    case Sort::integer:
      return "bigint";
    case Sort::instant:
      return "timestamp with time zone";
    case Sort::text:
      return "text";
    case Sort::boolean:
      return "boolean";
  }
  return "";
}

bool reads(Sort sort, const ColumnType& found) {
  if (sort == Sort::text) return found.category == 'S' || found.category == 'E';
  if (sort == Sort::integer && (found.type == "smallint" || found.type == "integer")) return true;
  return found.type == type_of(sort) || (sort == Sort::instant && found.type == kZoneless);
}

/// Such a table is none of Mage's; where it is not Mage's name either, that is tried.
Check without_columns(const DoctorFacts& facts, const std::string& missing) {
  Check check{"columns", Level::fail,
              "there is no column " + missing +
                  ": this is not Mage's table of runs, and the "
                  "monitor cannot count its rows"};
  const SourceOptions usual;
  if (facts.source.tables.front() != usual.tables.front()) {
    check.remedy = RemedyCommand(Command::doctor, given_options(facts))
                       .with("schema", "")
                       .with("table", "")
                       .text();
  }
  return check;
}

void add(std::string& list, const std::string& word) { list += (list.empty() ? "" : ", ") + word; }

}  // namespace

/// A value that does not read as its column should makes the whole event invalid.
void check_columns(const DoctorFacts& facts, std::vector<Check>& checks) {
  std::string missing, wrong, zoneless, changes;
  for (const Wanted& wanted : kWanted) {
    const std::string column = database::quote_identifier(wanted.column);
    const auto found = std::find_if(facts.column_types.begin(), facts.column_types.end(),
                                    [&](const auto& one) { return one.column == wanted.column; });
    if (found == facts.column_types.end()) {
      if (wanted.needed) add(missing, wanted.column);
    } else if (!reads(wanted.sort, *found)) {
      const std::string type = type_of(wanted.sort);
      add(wrong, wanted.column + (" (" + found->type + ", not " + type + ")"));
      add(changes, "ALTER COLUMN " + column + " TYPE " + type + " USING " + column + "::" + type);
    } else if (found->type == kZoneless) {
      add(zoneless, wanted.column);
    }
  }
  if (!missing.empty()) checks.push_back(without_columns(facts, missing));
  if (!wrong.empty()) {
    checks.push_back({"columns", Level::fail,
                      "the monitor refuses every event, for the types of " + wrong,
                      "ALTER TABLE " + table_name(facts) + " " + changes + ";", false,
                      facts.table ? facts.table->owner : ""});
  }
  if (!zoneless.empty()) {
    checks.push_back({"columns", Level::warn,
                      zoneless + ": times without a zone, which the monitor reads as UTC"});
  }
  if (missing.empty() && wrong.empty() && zoneless.empty()) {
    checks.push_back({"columns", Level::ok, "the monitor reads their types"});
  }
}

}  // namespace walpulse::connector
