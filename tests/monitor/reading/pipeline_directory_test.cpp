#include "monitor/reading/pipeline_directory.h"

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "tests/monitor/ledger_fixture.h"
#include "tests/monitor/table_events.h"

namespace walpulse::monitor::testing {
namespace {

using reading::Directory;
using reading::PipelineDirectory;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

class PipelineDirectoryTest : public LedgerTest {
 protected:
  void complete(std::int64_t id, double when, const std::string& pipeline) {
    MageRun run(id, when, pipeline);
    apply({run.create(when), run.run(when + 1), run.complete(when + 2)}, when + 2);
  }
  std::shared_ptr<const Directory> look(
      PipelineDirectory::Clock::duration age_max = PipelineDirectory::Clock::duration::zero()) {
    std::shared_ptr<const Directory> seen;
    EXPECT_TRUE(ledger().look([&](Transaction& in, const Context& context) {
      seen = directory_.look(in, context, rules_, at(5'000), age_max);
    }));
    return seen;
  }
  std::shared_ptr<const Directory> look_at(const std::set<PipelineDirectory::Key>& pipelines) {
    std::shared_ptr<const Directory> seen;
    EXPECT_TRUE(ledger().look([&](Transaction& in, const Context& context) {
      seen = directory_.look_at(pipelines, in, context, rules_, at(5'000));
    }));
    return seen;
  }
  /// "daily 1": how many ends are known of it.
  static std::vector<std::string> shown(const Directory& directory) {
    std::vector<std::string> all;
    for (const auto& each : directory.pipelines)
      all.push_back(each.summary->name + ' ' + std::to_string(each.summary->last_ends.size()));
    return all;
  }

  PipelineDirectory directory_;
  const rules::RuleBook::InForce rules_ = rules::RuleBook().in_force();
};

TEST_P(PipelineDirectoryTest, OfThoseAskedForAllIsExactAndOthersAreCounted) {
  complete(1, 10, "daily");
  complete(2, 20, "hourly");
  complete(3, 30, "weekly");
  const std::set<PipelineDirectory::Key> asked{
      {"mage", "daily"}, {"mage", "nobody"}, {"other", "daily"}};
  const auto first = look_at(asked);
  EXPECT_THAT(shown(*first), ElementsAre("daily 1"));
  EXPECT_THAT(first->pipeline_counts, ElementsAre(Pair("mage", 3)));
  EXPECT_EQ(first->find("mage", "weekly"), nullptr);

  EXPECT_THAT(shown(*look()), ElementsAre("daily 1", "hourly 1", "weekly 1"));
  complete(4, 40, "daily");
  complete(5, 50, "weekly");
  EXPECT_THAT(shown(*look_at(asked)), ElementsAre("daily 2"));
  const auto lately = look(std::chrono::hours(1));
  EXPECT_THAT(shown(*lately), ElementsAre("daily 2", "hourly 1", "weekly 1"))
      << "what was read exactly is kept, the rest is as old as it may be";
  EXPECT_THAT(shown(*look()), ElementsAre("daily 2", "hourly 1", "weekly 2"));
}

TEST_P(PipelineDirectoryTest, AskedForNoneItReadsNone) {
  complete(1, 10, "daily");
  const auto seen = look_at({});
  EXPECT_THAT(seen->pipelines, IsEmpty());
  EXPECT_THAT(seen->pipeline_counts, ElementsAre(Pair("mage", 1)));
}

/// They are read a hundred at a time, triggers whose pipelines failed twenty.
TEST_P(PipelineDirectoryTest, EachOfManyPipelinesHasItsOwn) {
  constexpr std::int64_t kPipelines = 230;
  const auto name_of = [](std::int64_t id) { return "p" + std::to_string(1000 + id); };
  std::vector<ReceivedMessage> messages;
  for (std::int64_t id = 1; id <= kPipelines; ++id) {
    TableChange trigger;
    trigger.table = "pipeline_schedule";
    trigger.when = 1;
    trigger.id = id;
    trigger.columns = {{"name", "every hour"},    {"pipeline_uuid", name_of(id)},
                       {"schedule_type", "TIME"}, {"schedule_interval", "@hourly"},
                       {"status", "ACTIVE"},      {"settings", std::nullopt}};
    messages.push_back(message(trigger));
    for (std::int64_t n = 0; n <= id % 3; ++n) {
      MageRun run(id * 10 + n, 10, name_of(id));
      run.row().schedule = id;
      run.row().execution = at(3600.0 * static_cast<double>(n));
      messages.push_back(run.create(10));
      messages.push_back(run.run(11));
      messages.push_back(id % 2 == 0 && n == 0 ? run.fail(100) : run.complete(100));
    }
    if (id % 5 != 0) continue;
    MageRun active(id * 10 + 9, 200, name_of(id));
    messages.push_back(active.create(200));
    messages.push_back(active.run(201));
  }
  apply(messages, 300);
  const auto seen = look();
  ASSERT_EQ(seen->pipelines.size(), static_cast<std::size_t>(kPipelines));
  for (std::int64_t id = 1; id <= kPipelines; ++id) {
    const reading::PipelineEntry* entry = seen->find("mage", name_of(id));
    ASSERT_NE(entry, nullptr);
    const reading::PipelineSummary& summary = *entry->summary;
    const bool fails = id % 2 == 0, goes_on = id % 5 == 0;
    EXPECT_EQ(summary.last_ends.size(), static_cast<std::size_t>(id % 3 + 1)) << id;
    for (const RunEnd& end : summary.last_ends) EXPECT_EQ(end.pipeline, name_of(id));
    EXPECT_EQ(summary.active_count, goes_on ? 1u : 0u) << id;
    ASSERT_EQ(summary.active.size(), summary.active_count) << id;
    if (goes_on) {
      EXPECT_EQ(summary.active[0].run.id, id * 10 + 9);
    }
    EXPECT_EQ(summary.last_success.has_value(), !fails || id % 3 > 0) << id;
    ASSERT_EQ(summary.triggers.size(), 1u);
    ASSERT_TRUE(summary.triggers[0].last_run) << id;
    EXPECT_EQ(summary.triggers[0].last_run->run, id * 10 + id % 3) << id;
    ASSERT_EQ(summary.not_made_good.size(), fails ? 1u : 0u) << id;
    if (fails) {
      EXPECT_EQ(summary.not_made_good[0].run, id * 10) << id;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Storages, PipelineDirectoryTest, all_backends(), backend_name);

}  // namespace
}  // namespace walpulse::monitor::testing
