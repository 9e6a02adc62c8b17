#include "monitor/rules/table_index.h"

#include <gmock/gmock.h>

#include "tests/monitor/rules/reading.h"

namespace walpulse::rules {
namespace {

using ::testing::ElementsAre;
using ::testing::SizeIs;

TEST(TableIndex, FindsTablesByWhatTheirPatternsBeginWith) {
  const Rules rules = rules_of(R"(
[[pipeline]]
match = ["fin_*", "fin_gl"]
team = "a"
[[pipeline]]
team = "b"
[[pipeline]]
match = "!x"
team = "c"
[[pipeline]]
match = "*_gl"
team = "d"
[[pipeline]]
match = "hr_{x}"
team = "e"
)");
  EXPECT_THAT(rules.table_index.candidates("fin_gl"), ElementsAre(0, 1, 2, 3));
  EXPECT_THAT(rules.table_index.candidates("hr_1"), ElementsAre(1, 2, 3, 4));
  EXPECT_THAT(rules.table_index.candidates(""), ElementsAre(1, 2, 3));
}

TEST(TableIndex, OfAThousandTablesTheFewOfOneBeginningAreLookedAt) {
  std::string text =
      "[channel.data]\ntype = 'log'\n[channel.job]\ntype = 'webhook'\nurl_env = 'X'\n";
  for (int i = 0; i < 1'000; ++i) {
    const std::string match = "match = 'team" + std::to_string(i) + "_*'\n";
    text += "[[notify]]\n" + match + "to = 'data'\n";
    text += "[[after]]\n" + match + "is = 'completed'\ncall = 'job'\n";
    text += "[[quiet]]\n" + match + "every = '02:00-04:00'\nreason = 'x'\n";
    text += "[[pipeline]]\n" + match + "severity = 'page'\n";
  }
  const Rules rules = rules_of(text);
  for (const TableIndex* index :
       {&rules.table_index, &rules.notify_index, &rules.quiet_index, &rules.after_index}) {
    EXPECT_THAT(index->candidates("team123_orders"), SizeIs(1));
    EXPECT_THAT(index->candidates("other"), SizeIs(0));
  }
}

}  // namespace
}  // namespace walpulse::rules
