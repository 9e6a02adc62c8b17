#include "decoder/mage/run_change.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <deque>

#include "tests/decoder/mage/run_row.h"
#include "tests/decoder/schema/event_reader.h"
#include "tests/decoder/schema/sample_event.h"

namespace walpulse::mage {
namespace {

using namespace schema;  // its samples

/// The long way, which parse_run_change is a shortcut of.
Result<RunChange> by_way_of_the_event(std::string_view json) {
  const Result<schema::OwnedEvent> event = schema::parse_event(json);
  if (!event) return tl::unexpected<Error>(event.error());
  const schema::ChangeEvent& read = **event;
  const schema::Row& row = read.operation == schema::Operation::remove ? read.before : read.after;
  Result<PipelineRun> run = PipelineRun{};
  if (read.operation != schema::Operation::truncate) run = read_pipeline_run(*read.table, row);
  const bool has_previous = std::any_of(read.previous_key.begin(), read.previous_key.end(),
                                        [](const schema::Cell& cell) { return cell != absent(); });
  return RunChange{read.source->name, schema::qualified_name(*read.table),
                   read.operation,    read.position,
                   read.commit_time,  read.labels,
                   std::move(run),    read.operation == schema::Operation::insert && has_previous};
}

/// What is wrong, or all that was read, as text.
std::string told(const Result<RunChange>& change) {
  if (!change) return change.error().message;
  std::string text =
      change->name + ' ' + change->table + ' ' + static_cast<char>(change->operation) + ' ' +
      std::to_string(change->position.epoch) + '/' + to_string(change->position.commit_lsn) + '/' +
      std::to_string(change->position.ordinal) + ' ' + to_rfc3339(change->commit_time);
  if (change->key_changed) text += " key_changed";
  for (const schema::Label& label : change->labels) text += ' ' + label.name + '=' + label.value;
  return change->run ? text : text + ' ' + change->run.error().message;
}

void expect_the_same(const std::string& json) {
  const auto direct = parse_run_change(json);
  const auto expected = by_way_of_the_event(json);
  RC_ASSERT(told(direct) == told(expected));
  if (direct && direct->run) RC_ASSERT(*direct->run == *expected->run);
}

constexpr const char* kNames[] = {"id",           "created_at",  "pipeline_schedule_id",
                                  "updated_at",   "status",      "pipeline_uuid",
                                  "completed_at", "passed_sla",  "execution_date",
                                  "started_at",   "backfill_id", "variables"};
constexpr const char* kTexts[] = {
    "17",        "2026-11-21 01:25:00.1+00", "daily_sales", "t",
    "COMPLETED", "Gr\xC3\xBCn \"\\\n",       "\xFF",        "infinity"};

struct RandomRun : SampleEvent {
  RandomRun() {
    event.operation = *rc::gen::element(schema::Operation::insert, schema::Operation::update,
                                        schema::Operation::remove, schema::Operation::truncate,
                                        schema::Operation::read);
    const bool removed = event.operation == schema::Operation::remove;
    const bool has_after = !removed && event.operation != schema::Operation::truncate;
    const bool has_before = removed || *rc::gen::arbitrary<bool>();
    for (const char* name : kNames) {
      if (*rc::gen::inRange(0, 5) == 0) continue;
      const Oid type = *rc::gen::element(kInt4Oid, kBoolOid, kTimestamptzOid, kTextOid);
      column(name, type, has_before ? std::optional(cell(name)) : std::nullopt,
             has_after ? std::optional(cell(name)) : std::nullopt);
    }
    if (has_after && *rc::gen::arbitrary<bool>()) {
      for (const auto& told : table.columns)
        event.previous_key.push_back(told.name == "id" ? value("16") : absent());
    }
    if (*rc::gen::arbitrary<bool>()) event.labels = {{"partner", "acme"}};
    if (event.operation != schema::Operation::read) return;
    event.position.ordinal = schema::Position::kSnapshot;
    event.xid = Xid{};
  }
  /// Mostly a value that fits.
  schema::Cell cell(std::string_view name) {
    if (*rc::gen::inRange(0, 4) == 0)
      return *rc::gen::element(null(), unchanged(), absent(), dropped());
    if (*rc::gen::inRange(0, 8) == 0) return value(kTexts[*rc::gen::inRange(0, 8)]);
    if (name == "passed_sla") return value("t");
    if (name.ends_with("id") && name != "pipeline_uuid") return value("17");
    return value(name.ends_with("_at") || name.ends_with("_date") ? kTexts[1] : kTexts[2]);
  }
};

TEST(RunChange, IsWhatTheEventAndItsRowSay) {
  EXPECT_TRUE(rc::check([] { expect_the_same(RandomRun().json()); }));
}

TEST(RunChange, OfMutatedTextIsWhatTheEventAndItsRowSay) {
  EXPECT_TRUE(rc::check([] {
    std::string json = RandomRun().json();
    const auto count = *rc::gen::inRange(1, 4);
    for (int i = 0; i < count; ++i)
      json[*rc::gen::inRange<std::size_t>(0, json.size())] = *rc::gen::element('"', '1', ',', 'a');
    expect_the_same(json);
  }));
}

TEST(RunChange, KnowsAnInsertThatCarriesARunOn) {
  SampleEvent carried;
  carried.id(std::nullopt, value("1000"));
  carried.event.previous_key = {value("1")};
  const auto change = parse_run_change(carried.json());
  ASSERT_TRUE(change && change->run);
  EXPECT_TRUE(change->key_changed);
  EXPECT_EQ(change->run->id, 1000);

  const auto new_run = parse_run_change(SampleEvent().id(std::nullopt, value("1000")).json());
  ASSERT_TRUE(new_run);
  EXPECT_FALSE(new_run->key_changed);
}

TEST(RunChange, OfAnUpdateOrWithoutAKeyIsNoChangeOfKey) {
  SampleEvent updated;
  updated.event.operation = schema::Operation::update;
  updated.id(std::nullopt, value("1000"));
  updated.event.previous_key = {value("1")};
  EXPECT_FALSE(parse_run_change(updated.json())->key_changed);

  std::string without = SampleEvent().id(std::nullopt, value("1000")).json();
  for (const char* member : {"\"previous_key\":null,", "\"previous_key\":{},"}) {
    std::string json = without;
    json.insert(json.find("\"source\""), member);
    const auto change = parse_run_change(json);
    ASSERT_TRUE(change) << member;
    EXPECT_FALSE(change->key_changed) << member;
  }
}

TEST(RunChange, OfAColumnThatStandsTwiceTheFirstCounts) {
  const std::string json =
      SampleEvent().id(std::nullopt, value("1")).after("status", kTextOid, value("FAILED")).json();
  std::string twice = json;
  twice.insert(twice.find("\"status\""), "\"id\":2,\"status\":\"RUNNING\",");
  const auto change = parse_run_change(twice);
  ASSERT_TRUE(change && change->run);
  EXPECT_EQ(change->run->id, 1);
  EXPECT_EQ(change->run->status, "RUNNING");
  EXPECT_EQ(told(change), told(by_way_of_the_event(twice)));
}

}  // namespace
}  // namespace walpulse::mage
