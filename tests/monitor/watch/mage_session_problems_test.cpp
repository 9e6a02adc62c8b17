#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "monitor/ledger/ledger_core.h"
#include "monitor/watch/problem_watch.h"
#include "tests/monitor/backends.h"
#include "tests/monitor/ledger/mage_session.h"

/// What needed a person at some instant of the real Mage's session, by its rows alone, and by the
/// ledger, however they came.
namespace walpulse::monitor::testing {
namespace {

using namespace std::chrono_literals;

constexpr auto kStartWithin = 30s;
const Timestamp kBegin = *parse_timestamp("2026-11-27T23:12:50Z");

/// "failing p_fail", "not_started p_broken": by one look at the rows as they were.
std::set<std::string> by_the_rows(const Session& session, Timestamp as_of) {
  std::set<std::string> found;
  const auto& all = session.rows;
  const auto rows_of = [&](const char* table) {
    const auto rows = all.find(table);
    return rows == all.end() ? Session::Rows{} : rows->second;
  };
  const Session::Rows runs = rows_of("pipeline_run"), triggers = rows_of("pipeline_schedule");

  std::map<std::int64_t, std::pair<std::string, std::uint64_t>> ends;  // of each run, its last
  std::map<std::string, std::uint64_t> successes;
  const auto pipeline = [&](std::int64_t run) {
    const auto row = runs.find(run);
    return row == runs.end() ? std::string("?") : text_or(row->second, "pipeline_uuid");
  };
  for (const Session::Step& step : session.steps) {
    const bool ended =
        step.status == "FAILED" || step.status == "COMPLETED" || step.status == "CANCELLED";
    if (ended) ends[step.run] = {step.status, step.lsn};
    if (step.status == "COMPLETED")
      successes[pipeline(step.run)] = std::max(successes[pipeline(step.run)], step.lsn);
  }
  for (const auto& [run, end] : ends)
    if (end.first == "FAILED" && end.second > successes[pipeline(run)])
      found.insert("failing " + pipeline(run));

  for (const auto& [id, row] : runs) {
    const std::string status = text_or(row, "status");
    const auto created = parse_timestamp(text_or(row, "created_at"));
    if (status == "INITIAL" && created && *created + 15min <= as_of &&
        text_or(row, "pipeline_schedule_id") != "-")
      found.insert("waiting " + pipeline(id));
  }
  for (const auto& [id, row] : triggers) {
    const std::string interval = text_or(row, "schedule_interval");
    const std::int64_t minutes = interval == "* * * * *" ? 1 : interval == "*/2 * * * *" ? 2 : 0;
    if (minutes == 0 || text_or(row, "status") != "ACTIVE") continue;
    const auto enabled = parse_timestamp(text_or(row, "last_enabled_at"));
    // The newest slot whose tolerance has passed.
    const auto slot = std::chrono::floor<std::chrono::minutes>(as_of - kStartWithin);
    const Timestamp newest = slot - slot.time_since_epoch() % std::chrono::minutes(minutes);
    if (newest < *enabled) continue;
    const bool has_run = std::ranges::any_of(runs, [&](const auto& run) {
      return text_or(run.second, "pipeline_schedule_id") == std::to_string(id) &&
             parse_timestamp(text_or(run.second, "execution_date")) == newest;
    });
    if (!has_run) found.insert("not_started " + text_or(row, "pipeline_uuid"));
  }
  return found;
}

class SessionProblems : public ::testing::TestWithParam<Backend> {
 protected:
  /// Everything up to an instant, delivered in some order to a ledger of its own, and one look.
  std::set<std::string> told(const std::vector<ReceivedMessage>& delivery, Timestamp as_of) const {
    LedgerOptions options;
    options.birth = kBirth;
    StoragePlace place(GetParam());
    auto storage = place.open(kBirth);
    EXPECT_TRUE(storage);
    LedgerCore ledger(*std::move(storage), options, place.readers());
    EXPECT_TRUE(ledger.lead(1h));
    const std::span all(delivery);
    for (std::size_t i = 0; i < all.size(); i += 50)
      EXPECT_TRUE(ledger.apply(all.subspan(i, std::min<std::size_t>(50, all.size() - i)), as_of));
    schema::Heartbeat heartbeat = testing::heartbeat(1, 0);
    heartbeat.confirmed_at = as_of;
    EXPECT_TRUE(ledger.apply(std::vector{message(heartbeat)}, as_of));
    const std::vector<rules::RulesText> texts{{"rules", "[defaults]\nstart_within = \"30s\""}};
    const auto rules = std::make_shared<const rules::Rules>(*rules::read_rules(texts));
    ProblemWatch watch(ledger, [&] { return rules::RuleBook::InForce{rules, "rules"}; });
    EXPECT_TRUE(watch.round(ProblemWatch::Clock::time_point(1h), as_of));
    std::set<std::string> found;
    const auto known = ledger.problems(0);
    EXPECT_TRUE(known);
    for (const Problem& each : known->open) {
      const ProblemKey& key = each.finding.key;
      if (key.kind == ProblemKind::abandoned || key.kind == ProblemKind::scheduler) continue;
      found.insert(std::string(name_of(key.kind)) + ' ' + key.subject);
    }
    return found;
  }

  void expect_the_truth(std::uint32_t order) const {
    for (const auto minute : {2min, 5min, 10min, 20min, 24min, 27min, 30min, 47min}) {
      const Timestamp as_of = kBegin + minute + 30s;
      const Session session(as_of);
      auto delivery = session.log;
      if (order == 1) std::ranges::reverse(delivery);
      if (order > 1) {
        delivery.insert(delivery.end(), session.log.begin(), session.log.end());
        std::shuffle(delivery.begin(), delivery.end(), std::mt19937(order));
      }
      EXPECT_EQ(told(delivery, as_of), by_the_rows(session, as_of)) << minute.count();
    }
  }
};

/// The file leaves most of the runs of its minute schedules out: these slots then have none.
TEST_P(SessionProblems, HoldWhatTheyAreToShow) {
  std::set<std::string> all;
  for (int minute = 0; minute < 48; ++minute) {
    const Timestamp as_of = kBegin + std::chrono::minutes(minute) + 30s;
    for (const std::string& each : by_the_rows(Session(as_of), as_of)) all.insert(each);
  }
  for (const char* each :
       {"not_started p_broken", "not_started p_skip", "not_started p_two", "failing p_fail"})
    EXPECT_TRUE(all.contains(each)) << each;
  for (const char* pipeline : {"p_over", "p_land", "p_always", "p_ok2"})
    EXPECT_FALSE(all.contains(std::string("not_started ") + pipeline)) << pipeline;
}

TEST_P(SessionProblems, InOrder) { expect_the_truth(0); }
TEST_P(SessionProblems, Reversed) { expect_the_truth(1); }
TEST_P(SessionProblems, ShuffledAndDoubled) { expect_the_truth(80); }

INSTANTIATE_TEST_SUITE_P(Storages, SessionProblems, all_backends(), backend_name);

}  // namespace
}  // namespace walpulse::monitor::testing
