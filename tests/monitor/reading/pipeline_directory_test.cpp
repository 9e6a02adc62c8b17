#include "monitor/reading/pipeline_directory.h"

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "tests/monitor/ledger_fixture.h"

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

INSTANTIATE_TEST_SUITE_P(Storages, PipelineDirectoryTest, all_backends(), backend_name);

}  // namespace
}  // namespace walpulse::monitor::testing
