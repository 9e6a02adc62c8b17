#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "decoder/pgoutput/event_decoder.h"
#include "tests/decoder/pgoutput_builder.h"

/// The pgoutput messages of a Mage run's transaction, as PostgreSQL 15 sends them: what the micro
/// benchmarks feed on.
namespace walpulse::bench {

inline constexpr std::uint32_t kTable = 16'400;
inline constexpr std::int64_t kCommitTime = 848'000'000'000'000;

/// Text columns beside Mage's own.
using MoreColumns = std::size_t;

inline std::string relation_message(MoreColumns more = 0) {
  namespace pg = decoder::pgoutput;
  std::vector<pg::ColumnOf> columns = {{"id", 23, true},         {"created_at", 1184},
                                       {"updated_at", 1184},     {"pipeline_schedule_id", 23},
                                       {"pipeline_uuid", 1043},  {"execution_date", 1184},
                                       {"status", 16'390},       {"completed_at", 1184},
                                       {"variables", 114},       {"passed_sla", 16},
                                       {"event_variables", 114}, {"metrics", 114},
                                       {"backfill_id", 23},      {"executor_type", 16'391},
                                       {"started_at", 1184}};
  for (std::size_t i = 0; i < more; ++i) columns.push_back({"more_" + std::to_string(i), 25});
  return pg::relation(kTable, "public", "pipeline_run", 'd', columns);
}

inline std::string update_message(int id, MoreColumns more = 0) {
  namespace pg = decoder::pgoutput;
  std::vector row = {pg::text(std::to_string(id)),
                     pg::text("2026-11-21 01:23:47.818793+00"),
                     pg::text("2026-11-21 01:23:49.018+00"),
                     pg::text("17"),
                     pg::text("daily_sales"),
                     pg::text("2026-11-21 01:23:00+00"),
                     pg::text("RUNNING"),
                     pg::null(),
                     pg::text(R"({"partner": "acme", "execution_partition": "17/20261121"})"),
                     pg::text("f"),
                     pg::null(),
                     pg::null(),
                     pg::null(),
                     pg::text("LOCAL_PYTHON"),
                     pg::text("2026-11-21 01:23:48.924686+00")};
  for (std::size_t i = 0; i < more; ++i) row.push_back(pg::text("of no interest"));
  return pg::update(kTable, row);
}

/// Begin, one update, Commit.
inline std::vector<std::string> transaction(int id, std::uint64_t lsn, MoreColumns more = 0) {
  namespace pg = decoder::pgoutput;
  return {pg::begin(lsn, kCommitTime, 771), update_message(id, more),
          pg::commit(lsn, lsn + 64, kCommitTime)};
}

inline decoder::EventDecoderOptions mage_options(bool with_label) {
  decoder::EventDecoderOptions options;
  options.source = {.name = "mage", .database = "mage-db"};
  options.epoch = 1'795'224'228;
  decoder::TableOptions table;
  table.oid = Oid{kTable};
  table.name = {"public", "pipeline_run"};
  if (with_label) table.labels = {{"partner", "variables", {"partner"}}};
  options.tables = {table};
  options.base_type = [](Oid type) { return std::optional(type); };
  return options;
}

}  // namespace walpulse::bench
