#include "bench/load/mage_events.h"

#include <algorithm>
#include <chrono>
#include <map>

#include "decoder/base/timestamp.h"
#include "decoder/schema/event_json.h"
#include "decoder/schema/message_attributes.h"

namespace walpulse::bench {
namespace {

const schema::Source kSource{.name = "mage", .database = "mage-db"};

/// Mage's table without the three columns that stay at home.
schema::Table mage_table(std::size_t more_columns) {
  schema::Table table{.oid = {16'400},
                      .schema = "public",
                      .name = "pipeline_run",
                      .columns = {{"id", {23}, true},
                                  {"created_at", {1184}, false},
                                  {"updated_at", {1184}, false},
                                  {"pipeline_schedule_id", {23}, false},
                                  {"pipeline_uuid", {1043}, false},
                                  {"execution_date", {1184}, false},
                                  {"status", {16'390}, false},
                                  {"completed_at", {1184}, false},
                                  {"passed_sla", {16}, false},
                                  {"backfill_id", {23}, false},
                                  {"executor_type", {16'391}, false},
                                  {"started_at", {1184}, false}}};
  for (std::size_t i = 0; i < more_columns; ++i)
    table.columns.push_back({"more_" + std::to_string(i), {25}, false});
  return table;
}

const schema::Table& table_with(std::size_t more_columns) {
  thread_local std::map<std::size_t, schema::Table> tables;
  const auto at = tables.find(more_columns);
  return at != tables.end() ? at->second
                            : tables.emplace(more_columns, mage_table(more_columns)).first->second;
}

/// Which run takes which of its steps with the n-th event.
struct Step {
  std::uint64_t run = 0;
  std::size_t number = 0;
};
Step step_of(const EventShape& shape, std::uint64_t n) {
  const std::uint64_t round = std::uint64_t{shape.spread} * shape.changes;
  return {n / round * shape.spread + n % shape.spread,
          static_cast<std::size_t>(n % round / shape.spread)};
}

std::string postgres_text(Timestamp instant) {
  std::string text = to_rfc3339(instant);
  text[text.find('T')] = ' ';
  text.replace(text.size() - 1, 1, "+00");
  return text;
}

}  // namespace

MageEvent mage_event(const EventShape& shape, std::uint64_t n) {
  const Step step = step_of(shape, n);
  const bool started = step.number > 0;
  const bool finished = started && step.number + 1 == shape.changes;
  const Timestamp first{std::chrono::seconds(kFirstCommitSecond)};
  const Timestamp committed = first + std::chrono::milliseconds(n);
  const std::string id = std::to_string(step.run + 1);
  const std::string pipeline = "pipeline_" + std::to_string(step.run % shape.pipelines);
  const std::string created = postgres_text(first + std::chrono::milliseconds(step.run));
  const std::string now = postgres_text(committed);

  schema::ChangeEvent event;
  event.source = &kSource;
  event.table = &table_with(shape.more_columns);
  event.position = {1'795'224'228, Lsn{0x1'0000'0000 + 256 * n}, 0};
  event.lsn = Lsn{event.position.commit_lsn.value - 64};
  event.xid = Xid{static_cast<std::uint32_t>(1000 + n)};
  event.commit_time = committed;
  event.operation = started ? schema::Operation::update : schema::Operation::insert;
  using enum schema::Cell::State;
  const auto when = [](bool there, std::string_view text) {
    return there ? schema::Cell{value, text} : schema::Cell{null, {}};
  };
  event.after = {{value, id},
                 {value, created},
                 {value, now},
                 {value, "17"},
                 {value, pipeline},
                 {value, "2026-11-21 01:25:00+00"},
                 {value, finished  ? "COMPLETED"
                         : started ? "RUNNING"
                                   : "INITIAL"},
                 when(finished, now),
                 {value, "f"},
                 {null, {}},
                 {value, "LOCAL_PYTHON"},
                 when(started, created)};
  while (event.after.size() < event.table->columns.size())
    event.after.push_back({value, "of no interest"});
  for (std::size_t i = 0; i < shape.labels; ++i)
    event.labels.push_back({"label_" + std::to_string(i),
                            "value_" + std::to_string(step.run / 7 % shape.label_values)});

  MageEvent made;
  schema::append_json(event, made.data);
  made.attributes = schema::message_attributes(event, false).read();
  made.message_id = std::to_string(19'000'000'000'000 + n);
  return made;
}

}  // namespace walpulse::bench
