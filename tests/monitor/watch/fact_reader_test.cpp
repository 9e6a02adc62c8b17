#include "monitor/watch/fact_reader.h"

#include <gmock/gmock.h>

#include <map>
#include <string>
#include <vector>

#include "monitor/ledger/timeline/label_bytes.h"
#include "tests/monitor/storage/store_fixture.h"

namespace walpulse::monitor::testing {
namespace {

using ::testing::UnorderedElementsAre;

class FactReaderTest : public StoreTest {
 protected:
  static RunState ended(double when, const std::string& partner, bool failed,
                        std::int64_t schedule) {
    RunState state;
    state.status = failed ? "FAILED" : "COMPLETED";
    state.pipeline = "sync";
    state.since = state.last_event = at(when);
    state.schedule = schedule;
    state.labels = encode_labels({{"partner", partner}});
    (failed ? state.failed : state.success) =
        End{position(static_cast<std::uint64_t>(when * 10)), at(when)};
    return state;
  }
  void save(std::int64_t first, const std::vector<RunState>& states) {
    std::vector<RunKey> keys;
    for (std::size_t i = 0; i < states.size(); ++i)
      keys.push_back({source_, first + static_cast<std::int64_t>(i)});
    writing([&](Transaction& in) {
      std::vector<StoredRun> runs = in.runs().load(keys);
      for (std::size_t i = 0; i < runs.size(); ++i) {
        runs[i].run.timeline = {make_end(position(1), at(1))};
        runs[i].run.state = states[i];
      }
      in.runs().save(runs);
      return true;
    });
  }
  std::vector<Finding> judged(const std::string& toml) {
    const std::vector<rules::RulesText> texts{{"test.toml", toml}};
    auto rules = rules::read_rules(texts);
    EXPECT_TRUE(rules);
    return reading([&](Transaction& in) {
      const Context context = in.context();
      PipelineVersion version;
      for (const PipelineVersion& each : in.runs().versions()) version = each;
      const PipelineWanted wanted{&version, facts_wanted(*rules, "mage", "sync", at(1e6))};
      const auto facts =
          FactReader(in).pipelines(context.sources.at(0), {&wanted, 1}, TriggersOfTable{});
      return judge_pipeline(facts.front(), *rules, at(1e6)).findings;
    });
  }
  static std::map<std::string, std::string> in_a_row(const std::vector<Finding>& findings) {
    std::map<std::string, std::string> found;
    for (const Finding& each : findings)
      for (const auto& [name, value] : each.evidence)
        if (name == "failed_in_a_row") found[each.key.subject] = value;
    return found;
  }

  const std::int64_t source_ = source();
};

constexpr const char* kPerPartner = "[defaults]\nper = [\"partner\"]";

TEST_P(FactReaderTest, OneThatFailsVeryOftenHidesNobodyElse) {
  const std::int64_t many = GetParam() == Backend::postgres ? 12'000 : 50'000;
  save(1, {ended(1, "globex", true, 7), ended(2, "globex", true, 7), ended(2.5, "bits", true, 7),
           ended(3, "bits", false, 7)});
  std::vector<RunState> states;
  for (std::int64_t i = 0; i < many; ++i)
    states.push_back(ended(10 + static_cast<double>(i), "acme", true, 7));
  save(100, states);
  save(90, {ended(4, "umbrella", false, 7), ended(5, "umbrella", true, 7)});
  EXPECT_THAT(in_a_row(judged(kPerPartner)),
              UnorderedElementsAre(std::pair("sync partner=acme", std::to_string(many)),
                                   std::pair("sync partner=globex", "2"),
                                   std::pair("sync partner=umbrella", "1")));
}

/// A partner's runs of two triggers: what one completes makes the other's failures good.
TEST_P(FactReaderTest, WhatIsTakenTogetherFailsBehindItsCommonSuccess) {
  save(1, {ended(1, "acme", true, 7), ended(2, "acme", false, 8), ended(3, "acme", true, 7),
           ended(4, "acme", true, 9), ended(1, "bits", true, 7), ended(2, "bits", false, 8)});
  EXPECT_THAT(in_a_row(judged(kPerPartner)),
              UnorderedElementsAre(std::pair("sync partner=acme", "2")));
}

INSTANTIATE_TEST_SUITE_P(Storages, FactReaderTest, all_backends(), backend_name);

}  // namespace
}  // namespace walpulse::monitor::testing
