#include "connector/command/teardown_plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace walpulse::connector {
namespace {

using ::testing::HasSubstr;

PublicationFacts ours() {
  PublicationFacts publication;
  publication.owner = "mage";
  publication.owned = true;
  publication.comment =
      to_comment({"mage", 1763600000, 77, Xid{3}, {{{"public", "pipeline_run"}, Oid{1}, Oid{2}}}});
  return publication;
}

SlotState slot() {
  SlotState slot;
  slot.plugin = "pgoutput";
  slot.database = "mage";
  slot.wal_status = "reserved";
  slot.lag_bytes = 2048;
  return slot;
}

TEST(TeardownPlan, DropsBothAndNamesTheLoss) {
  const auto plan = plan_teardown({}, "mage", ours(), slot());
  EXPECT_TRUE(plan.drop_slot);
  EXPECT_TRUE(plan.drop_publication);
  EXPECT_THAT(plan.loss, HasSubstr("publication walpulse (name mage, epoch 1763600000)"));
  EXPECT_THAT(plan.loss, HasSubstr("up to 2.0 KiB of WAL not yet published"));
}

std::string refusal_of(const TeardownPlan& plan) {
  return plan.refusal ? to_string(*plan.refusal) : "";
}

TEST(TeardownPlan, TheAnchorGoesToo) {
  const auto plan = plan_teardown({}, "mage", ours(), slot(), slot());
  EXPECT_TRUE(plan.drop_anchor && plan.drop_slot && plan.drop_publication);
  EXPECT_THAT(plan.loss, HasSubstr("the anchor walpulse_anchor with the history to replay"));
  EXPECT_TRUE(plan_teardown({}, "mage", ours(), {}, slot()).drop_anchor);
  auto foreign = slot();
  foreign.plugin = "test_decoding";
  EXPECT_THAT(refusal_of(plan_teardown({}, "mage", ours(), slot(), foreign)),
              HasSubstr("walpulse_anchor belongs to"));
}

TEST(TeardownPlan, WhatIsGoneNeedsNoDropping) {
  EXPECT_TRUE(plan_teardown({}, "mage", {}, {}).nothing());
  EXPECT_FALSE(plan_teardown({}, "mage", ours(), {}).drop_slot);
  EXPECT_FALSE(plan_teardown({}, "mage", {}, slot()).drop_publication);
}

TEST(TeardownPlan, LeavesAlone) {
  auto foreign = ours();
  foreign.comment = "made by hand";
  EXPECT_THAT(refusal_of(plan_teardown({}, "mage", foreign, slot())),
              HasSubstr("no comment of walpulse's"));
  auto not_owned = ours();
  not_owned.owned = false;
  EXPECT_THAT(refusal_of(plan_teardown({}, "mage", not_owned, slot())), HasSubstr("--admin-dsn"));
  auto active = slot();
  active.active = true;
  active.active_pid = 4711;
  EXPECT_THAT(refusal_of(plan_teardown({}, "mage", ours(), active)),
              HasSubstr("in use by pid 4711; stop that connector first"));
  auto elsewhere = slot();
  elsewhere.database = "other";
  EXPECT_THAT(refusal_of(plan_teardown({}, "mage", ours(), elsewhere)),
              HasSubstr("database other"));
}

}  // namespace
}  // namespace walpulse::connector
