#include "tests/monitor/ledger/mage_session.h"

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>

namespace walpulse::monitor::testing {
namespace {

std::optional<std::string> text_of(const nlohmann::json& value) {
  if (value.is_null()) return std::nullopt;
  if (value.is_boolean()) return value.get<bool>() ? "t" : "f";
  return value.is_string() ? value.get<std::string>() : value.dump();
}

}  // namespace

std::string text_or(const Session::Row& row, const char* column) {
  const auto found = row.find(column);
  return found == row.end() ? "-" : found->second.value_or("-");
}

Session::Session(Timestamp until) {
  std::ifstream file(std::string(WALPULSE_TEST_DIR) + "/monitor/ledger/golden/mage_session.jsonl");
  for (std::string line; std::getline(file, line);) take(line, until);
  close();
}

void Session::close() {
  for (const auto& [id, row] : rows["pipeline_schedule"])
    triggers.insert(std::to_string(id) + ' ' + text_or(row, "status") + ' ' + text_or(row, "name") +
                    ' ' + text_or(row, "settings"));
  for (const auto& [id, row] : rows["block_run"])
    blocks.insert(text_or(row, "pipeline_run_id") + ' ' + std::to_string(id) + ' ' +
                  text_or(row, "block_uuid") + ' ' + text_or(row, "status"));
}

void Session::take(const std::string& text, Timestamp until) {
  const auto line = nlohmann::json::parse(text);
  const std::string table = line.at("table");
  const std::string op = line.at("op");
  TableChange change;
  change.table = table;
  change.op = static_cast<schema::Operation>(op.front());
  change.id = line.at("id");
  const std::uint64_t transaction = line.at("tx");
  change.lsn = 1'000'000 + 10 * transaction;
  const auto commit = parse_timestamp(line.at("commit").get<std::string>());
  if (*commit > until) return;
  change.when = std::chrono::duration<double>(*commit - kBirth).count();
  change.ordinal = ordinals_[{transaction, table}]++;
  Rows& all = rows[table];
  if (op == "d") {
    all.erase(change.id);
  } else {
    Row& row = all[change.id];
    const std::string before = text_or(row, "status");
    for (const auto& [column, value] : line.at("set").items())
      if (column != "error") row[column] = text_of(value);
    if (line.at("set").contains("error")) change.error = line.at("set").at("error");
    if (table == "block_run") note(change, row, before);
    if (table == "pipeline_run") {
      fail(change.id, row, before);
      if (text_or(row, "status") != before)
        steps.push_back({change.id, text_or(row, "status"), change.lsn});
    }
    for (const auto& [column, value] : row) change.columns.emplace_back(column, value);
    // Every row has all columns, also those that no change has set yet.
    for (const char* column : table == "pipeline_run" ? std::vector{"passed_sla", "backfill_id",
                                                                    "started_at", "execution_date"}
                              : table == "block_run"  ? std::vector{"started_at"}
                                                     : std::vector{"schedule_interval", "settings"})
      if (!row.contains(column)) change.columns.emplace_back(column, std::nullopt);
  }
  log.push_back(message(change));
}

/// Since when a block is FAILED, and without error or not.
void Session::note(const TableChange& change, const Row& row, const std::string& before) {
  const std::int64_t run = std::stoll(text_or(row, "pipeline_run_id"));
  seen_.insert(run);
  const std::string status = text_or(row, "status");
  if (status != "FAILED") failed_[run].erase(change.id);
  if (status == "FAILED" && before != "FAILED")
    failed_[run][change.id] = {change.lsn, change.error && change.error->empty()};
}

void Session::fail(std::int64_t run, const Row& row, const std::string& before) {
  runs.insert(run);
  if (text_or(row, "status") != "FAILED" || before == "FAILED") return;
  const auto& failed = failed_[run];
  const auto first = std::min_element(
      failed.begin(), failed.end(),
      [](const auto& a, const auto& b) { return a.second.first < b.second.first; });
  const std::string cause = first != failed.end() ? first->second.second ? "block_timeout" : "block"
                            : before == "INITIAL" ? "initialisation"
                            : seen_.contains(run) ? "run_timeout"
                                                  : "unknown";
  ++causes[cause];
}

}  // namespace walpulse::monitor::testing
