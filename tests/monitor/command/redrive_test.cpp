#include "monitor/command/redrive.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "monitor/storage/ledger_factory.h"
#include "tests/monitor/ledger_events.h"

namespace walpulse::monitor {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

TEST(Redrive, TellsWhatBecameOfEachBeyondOneGroup) {
  LedgerOptions options;
  options.birth = testing::kBirth;
  const auto ledger = make_memory_ledger(options);
  std::vector<ReceivedMessage> group;
  for (int i = 0; i < 250; ++i) {
    group.push_back({"no event", {}, "m" + std::to_string(i) + '\n'});
    read_message(group.back());
  }
  ASSERT_TRUE(ledger->apply(group, testing::at(1)));
  std::vector<std::string> lines;
  const auto totals = redrive_all(
      *ledger, false, testing::at(2), [&](const std::string& line) { lines.push_back(line); },
      [](const SourceAlert&) {});
  ASSERT_TRUE(totals);
  EXPECT_EQ(totals->left, 250u);
  EXPECT_EQ(totals->taken_out, 0u);
  ASSERT_EQ(lines.size(), 250u);
  EXPECT_THAT(lines[249], AllOf(HasSubstr("\"message_id\":\"m249\\n\""),
                                HasSubstr("\"outcome\":\"invalid\""), HasSubstr("\"stays\"")));
}

}  // namespace
}  // namespace walpulse::monitor
