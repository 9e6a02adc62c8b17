#include "monitor/ledger/timeline/block_ends.h"

#include <gmock/gmock.h>

#include <initializer_list>
#include <string>

namespace walpulse::monitor {
namespace {

using schema::Operation;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr std::uint64_t kStart = 1000, kForEver = 1'000'000;

schema::Position place(std::uint64_t lsn) { return {1, Lsn{lsn}, 0}; }
Timestamp second(std::uint64_t s) {
  return Timestamp(std::chrono::seconds(static_cast<std::int64_t>(s)));
}

/// Each entry is committed a second after the one before it, at that LSN.
class BlockHistory {
 public:
  BlockHistory& put(Operation op, const std::string& status) {
    RowEntry entry{place(now_), op, second(now_), std::nullopt};
    if (op != Operation::remove) {
      mage::BlockRun block;
      block.pipeline_run_id = 5;
      block.block_uuid = name;
      block.status = status;
      block.started_at = started;
      block.completed_at = completed;
      entry.row = block;
    }
    ++now_;
    row.entries.push_back(std::move(entry));
    return *this;
  }
  BlockHistory& insert(const std::string& status = "INITIAL") {
    return put(Operation::insert, status);
  }
  BlockHistory& update(const std::string& status) { return put(Operation::update, status); }
  BlockHistory& start() {
    started = second(now_);
    return update("RUNNING");
  }
  /// "COMPLETED 2", "FAILED" where it is not known how long.
  std::vector<std::string> ends(std::uint64_t since = 0, std::uint64_t until = kForEver) const {
    std::vector<std::string> found;
    for (const BlockEnd& end : block_ends(row, place(since), place(until))) {
      std::string text(end.status);
      if (end.seconds) text += ' ' + std::to_string(static_cast<int>(*end.seconds));
      found.push_back(text);
    }
    return found;
  }

  TableRow row;
  std::string name = "load";
  std::optional<Timestamp> started, completed;

 private:
  std::uint64_t now_ = kStart;
};

TEST(BlockEnds, AreStepsIntoWhatEndsABlock) {
  for (const char* status : {"COMPLETED", "FAILED", "UPSTREAM_FAILED", "CONDITION_FAILED"}) {
    BlockHistory h;
    h.insert().update("QUEUED").update(status).update(status);
    EXPECT_THAT(h.ends(), ElementsAre(status));
  }
  for (const char* status :
       {"CANCELLED", "QUEUED", "RUNNING", "", "completed", "OF_A_LATER_MAGE"}) {
    BlockHistory h;
    h.insert().update(status);
    EXPECT_THAT(h.ends(), IsEmpty()) << status;
  }
}

TEST(BlockEnds, AreThoseBehindOneCommitUpToAnother) {
  BlockHistory h;
  h.insert().update("COMPLETED").update("INITIAL").update("FAILED");
  EXPECT_THAT(h.ends(kStart, kStart + 1), ElementsAre("COMPLETED"));
  EXPECT_THAT(h.ends(kStart + 1, kStart + 2), IsEmpty());
  EXPECT_THAT(h.ends(kStart + 1, kStart + 3), ElementsAre("FAILED"));
  // An epoch that follows begins its log anew.
  const schema::Position later{2, Lsn{1}, 0};
  EXPECT_EQ(block_ends(h.row, place(0), later).size(), 2u);
  EXPECT_THAT(block_ends(h.row, later, {2, Lsn{9}, 0}), IsEmpty());
}

TEST(BlockEnds, WhatASnapshotReadAndAnUnknownBeginningAreStates) {
  BlockHistory read, update, within;
  read.put(Operation::read, "COMPLETED").update("COMPLETED").update("RUNNING").update("FAILED");
  EXPECT_THAT(read.ends(), ElementsAre("FAILED 1"));
  update.update("COMPLETED").update("COMPLETED").update("INITIAL").update("COMPLETED");
  EXPECT_THAT(update.ends(), ElementsAre("COMPLETED"));
  within.insert().put(Operation::read, "COMPLETED").update("COMPLETED");
  EXPECT_THAT(within.ends(), ElementsAre("COMPLETED")) << "it hides no step";
}

TEST(BlockEnds, BeginAgainWithAnInsertAndAfterADelete) {
  BlockHistory h;
  h.insert().update("FAILED").insert().update("FAILED").put(Operation::remove, "");
  h.update("FAILED").update("COMPLETED");
  EXPECT_THAT(h.ends(), ElementsAre("FAILED", "FAILED", "COMPLETED"));
  BlockHistory at_once;
  at_once.insert("FAILED");
  EXPECT_THAT(at_once.ends(), ElementsAre("FAILED"));
}

TEST(BlockEnds, LastFromTheRowsStartToItsEnd) {
  BlockHistory failed;
  failed.insert().start().update("RUNNING").update("FAILED");
  EXPECT_THAT(failed.ends(), ElementsAre("FAILED 2"));
  BlockHistory completed;
  completed.insert().start();
  completed.completed = second(kStart + 8);  // within a minute of the commit
  completed.update("COMPLETED");
  EXPECT_THAT(completed.ends(), ElementsAre("COMPLETED 7"));
  BlockHistory stale;
  stale.insert().start();
  stale.completed = second(1);
  stale.update("FAILED");
  EXPECT_THAT(stale.ends(), ElementsAre("FAILED 1"));
  BlockHistory infinite;
  infinite.started = kMinusInfinity;
  infinite.insert().update("COMPLETED");
  EXPECT_THAT(infinite.ends(), ElementsAre("COMPLETED"));
}

TEST(BlockEnds, ARetryThatKeepsItsStartRanFromTheRetryOn) {
  BlockHistory h;
  h.insert().start().update("FAILED");
  h.update("INITIAL").update("QUEUED").update("INITIAL").update("RUNNING").update("COMPLETED");
  EXPECT_THAT(h.ends(), ElementsAre("FAILED 1", "COMPLETED 1"));
  BlockHistory cancelled;
  cancelled.insert()
      .start()
      .update("CANCELLED")
      .update("INITIAL")
      .update("RUNNING")
      .update("FAILED");
  EXPECT_THAT(cancelled.ends(), ElementsAre("FAILED 1"));
  BlockHistory upstream;
  upstream.insert().start().update("FAILED").update("INITIAL").update("UPSTREAM_FAILED");
  EXPECT_THAT(upstream.ends(), ElementsAre("FAILED 1", "UPSTREAM_FAILED"));
  BlockHistory before;
  before.started = second(1);
  before.put(Operation::read, "FAILED").update("RUNNING").update("COMPLETED");
  EXPECT_THAT(before.ends(), ElementsAre("COMPLETED 1"));
}

TEST(BlockEnds, AreUnderTheNameThatThePipelineHasForTheBlock) {
  EXPECT_EQ(block_name("load"), "load");
  EXPECT_EQ(block_name("load:a"), "load");
  EXPECT_EQ(block_name("load:orders:0"), "load");
  for (const char* none : {"", ":", ":a"}) EXPECT_EQ(block_name(none), "unknown");
  EXPECT_EQ(block_name(std::nullopt), "unknown");
}

}  // namespace
}  // namespace walpulse::monitor
