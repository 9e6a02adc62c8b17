#include "bench/mage_sim/world.h"

#include <gtest/gtest.h>

#include <set>

#include "bench/mage_sim/payload.h"

namespace walpulse::mage_sim {
namespace {

// Plays the database: gives ids, and writes down what it was asked to do.
class Diary {
 public:
  void execute(Transaction& transaction) {
    for (Statement& statement : transaction.statements) {
      if (statement.kind == Statement::Kind::create_run) statement.run->id = ++last_id_;
      if (statement.kind == Statement::Kind::create_trigger) {
        statement.pipeline->trigger_id = ++last_trigger_;
      }
      text += std::to_string(static_cast<int>(statement.kind)) + ':' +
              std::to_string(static_cast<int>(statement.act));
      for (const auto id : statement.ids) text += ' ' + std::to_string(id);
      text += ' ' + statement.text + '\n';
    }
  }
  std::string text;

 private:
  std::int64_t last_id_ = 0;
  std::int64_t last_trigger_ = 0;
};

std::string live(std::uint64_t seed, std::uint64_t runs) {
  WorldOptions options;
  options.pipelines = 5;
  options.runs_max = runs;
  options.seed = seed;
  World world(options);
  Diary diary;
  while (auto transaction = world.next()) diary.execute(*transaction);
  EXPECT_EQ(world.created_count(), runs);
  return diary.text;
}

TEST(World, TheSeedAloneDecides) {
  EXPECT_EQ(live(3, 500), live(3, 500));
  EXPECT_NE(live(3, 500), live(4, 500));
}

TEST(World, ComesToAnEndWithAsManyRunsAsAsked) { live(1, 1000); }

TEST(Payload, PipelinesHaveDistinctNames) {
  std::set<std::string> names;
  for (std::size_t i = 0; i < 500; ++i) names.insert(pipeline_name(i));
  EXPECT_EQ(names.size(), 500u);
}

TEST(Payload, LargeVariablesAreStoredOutOfLine) {
  Random random(1);
  const auto json = variables_json(random, "\"acme\"", true);
  ASSERT_TRUE(json.has_value());
  EXPECT_GT(json->size(), 8'192u);
  EXPECT_EQ(json->rfind(R"({"partner": "acme", )", 0), 0u);
}

}  // namespace
}  // namespace walpulse::mage_sim
