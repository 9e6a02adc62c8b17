#include "tests/monitor/ledger_fixture.h"

namespace walpulse::monitor::testing {
namespace {

class LedgerRedrive : public LedgerTest {
 protected:
  void keep(ReceivedMessage message) {
    keep_rejected({0, message.message_id, at(1), "a build before did not know it", message.data,
                   message.attributes});
  }
};

TEST_P(LedgerRedrive, AppliesWhatFitsAndTakesItOut) {
  ledger();
  MageRun run(1, 1);
  keep(run.create(1));
  keep({"no event", {}, "m2"});
  keep(run.fail(9));
  const RedrivenGroup done = redrive();
  ASSERT_EQ(done.messages.size(), 3u);
  EXPECT_EQ(done.messages[0].outcome, Outcome::applied);
  EXPECT_EQ(done.messages[0].reason, "");
  EXPECT_EQ(done.messages[1].outcome, Outcome::invalid);
  EXPECT_NE(done.messages[1].reason, "");
  EXPECT_EQ(done.messages[2].outcome, Outcome::applied);
  EXPECT_EQ(created(), 1);
  EXPECT_EQ(finished("FAILED"), 1);
  ASSERT_EQ(happened().size(), 1u);
  EXPECT_EQ(happened()[0].run, 1);
  ASSERT_EQ(rejected().size(), 1u);
  EXPECT_EQ(rejected()[0].message_id, "m2");
}

TEST_P(LedgerRedrive, CountsNothingTwice) {
  MageRun run(1, 1);
  apply({run.create(1), {"no event", {}, "m2"}});
  const auto invalid = number("event/processed_count", {{"op", "unknown"}, {"outcome", "invalid"}});
  keep(run.create(1));
  const RedrivenGroup done = redrive();
  ASSERT_EQ(done.messages.size(), 2u);
  EXPECT_EQ(done.messages[1].outcome, Outcome::unchanged);
  EXPECT_EQ(done.messages[1].reason, "");
  EXPECT_EQ(created(), 1);
  EXPECT_EQ(number("event/processed_count", {{"op", "unknown"}, {"outcome", "invalid"}}), invalid);
  EXPECT_EQ(rejected().size(), 1u);
  EXPECT_EQ(redrive().messages.size(), 1u);
}

TEST_P(LedgerRedrive, ADryRunTellsTheSameAndChangesNothing) {
  ledger();
  keep(MageRun(1, 1).create(1));
  const RedrivenGroup told = redrive(/*dry_run=*/true);
  ASSERT_EQ(told.messages.size(), 1u);
  EXPECT_EQ(told.messages[0].outcome, Outcome::applied);
  EXPECT_EQ(rejected().size(), 1u);
  EXPECT_EQ(created(), -1);
  EXPECT_EQ(redrive().messages[0].outcome, Outcome::applied);
  EXPECT_EQ(created(), 1);
}

TEST_P(LedgerRedrive, GoesOnBehindTheLastOfAGroup) {
  ledger();
  for (std::int64_t id = 1; id <= 3; ++id) keep(MageRun(id, 1).create(static_cast<double>(id)));
  const RedrivenGroup first = redrive(/*dry_run=*/false, 0, 2);
  ASSERT_EQ(first.messages.size(), 2u);
  const RedrivenGroup rest = redrive(/*dry_run=*/false, first.messages[1].id, 2);
  EXPECT_EQ(rest.messages.size(), 1u);
  EXPECT_EQ(created(), 3);
  EXPECT_TRUE(redrive(/*dry_run=*/false, rest.messages[0].id, 2).messages.empty());
}

TEST_P(LedgerRedrive, WhatWasForwardedIsNotForwardedAgain) {
  apply({{"no event", {{"a", "b"}}, "m1"}, {"nor this", {}, "m2"}});
  const auto both = ledger().unforwarded(10);
  ASSERT_TRUE(both);
  ASSERT_EQ(both->size(), 2u);
  EXPECT_EQ((*both)[0].message.data, "no event");
  EXPECT_EQ((*both)[0].message.attributes, (schema::Attributes{{"a", "b"}}));
  const std::vector<std::int64_t> first{(*both)[0].id};
  ASSERT_TRUE(ledger().mark_forwarded(first));
  const auto rest = ledger().unforwarded(10);
  ASSERT_EQ(rest->size(), 1u);
  EXPECT_EQ((*rest)[0].message.message_id, "m2");
  EXPECT_EQ(rejected().size(), 2u);
}

INSTANTIATE_TEST_SUITE_P(Storages, LedgerRedrive, all_backends(), backend_name);

}  // namespace
}  // namespace walpulse::monitor::testing
