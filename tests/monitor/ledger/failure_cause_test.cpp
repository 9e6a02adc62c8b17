#include "monitor/ledger/application/failure_cause.h"

#include <gtest/gtest.h>

namespace walpulse::monitor {
namespace {

schema::Position place(std::uint64_t lsn) { return {1, Lsn{lsn}, 0}; }

/// A block of the statuses that it had, by the LSN.
StoredTableRow block_of(std::int64_t id,
                        const std::vector<std::pair<std::uint64_t, std::string>>& statuses,
                        std::optional<std::string> error = std::nullopt) {
  StoredTableRow stored;
  stored.key = {2, id};
  for (const auto& [lsn, status] : statuses) {
    mage::BlockRun block;
    block.id = id;
    block.block_uuid = "block_" + std::to_string(id);
    block.status = status;
    if (status == "FAILED") block.error = error;
    stored.row.entries.push_back({place(lsn), schema::Operation::update, {}, block});
    if (status == "DELETED") {
      stored.row.entries.back().row.reset();
      stored.row.entries.back().operation = schema::Operation::remove;
    }
  }
  return stored;
}

std::string cause(std::vector<StoredTableRow> blocks, std::string_view before = "RUNNING",
                  const SourceRow& table = {}, std::uint64_t at = 100) {
  const Failure failure = explain_failure(place(at), before, blocks, table);
  return std::string(to_string(failure.cause)) + (failure.block.empty() ? "" : " " + failure.block);
}

TEST(FailureCause, IsTheBlockThatHadFailed) {
  EXPECT_EQ(
      cause({block_of(1, {{10, "COMPLETED"}}), block_of(2, {{20, "RUNNING"}, {30, "FAILED"}})}),
      "block block_2");
}

TEST(FailureCause, OfSeveralBlocksIsTheFirstThatFailed) {
  EXPECT_EQ(cause({block_of(1, {{40, "FAILED"}}), block_of(2, {{30, "FAILED"}, {50, "FAILED"}})}),
            "block block_2");
}

TEST(FailureCause, TellsATimeoutOnlyWhereErrorsAreLetOut) {
  EXPECT_EQ(cause({block_of(1, {{30, "FAILED"}}, "")}), "block_timeout block_1");
  EXPECT_EQ(cause({block_of(1, {{30, "FAILED"}}, "no such column")}), "block block_1");
  EXPECT_EQ(cause({block_of(1, {{30, "FAILED"}}, std::nullopt)}), "block block_1");
}

TEST(FailureCause, IsTheRunsTimeWhereNoBlockHadFailed) {
  EXPECT_EQ(cause({block_of(1, {{10, "RUNNING"}, {120, "CANCELLED"}})}), "run_timeout");
  EXPECT_EQ(cause({block_of(1, {{10, "RUNNING"}})}, "INITIAL"), "initialisation");
  EXPECT_EQ(cause({}, "INITIAL"), "initialisation");
}

TEST(FailureCause, IsUnknownWhereNoBlockIsKnownOrWhatIsThereDoesNotSay) {
  EXPECT_EQ(cause({}), "unknown");
  EXPECT_EQ(cause({}, ""), "unknown");
  EXPECT_EQ(cause({block_of(1, {{110, "FAILED"}})}), "unknown")
      << "the first that is known is later";
  EXPECT_EQ(cause({block_of(1, {{10, "RUNNING"}})}, "COMPLETED"), "unknown");
}

TEST(FailureCause, LooksAtTheBlocksAsTheyWereWhenTheRunFailed) {
  const auto retried =
      block_of(1, {{30, "FAILED"}, {110, "INITIAL"}, {120, "RUNNING"}, {130, "COMPLETED"}});
  EXPECT_EQ(cause({retried}), "block block_1");
  const auto other = block_of(2, {{10, "INITIAL"}, {140, "FAILED"}});
  EXPECT_EQ(cause({retried, other}, "RUNNING", {}, 150), "block block_2");
  EXPECT_EQ(cause({retried}, "RUNNING", {}, 115), "run_timeout");
  EXPECT_EQ(cause({block_of(1, {{30, "FAILED"}, {40, "DELETED"}})}), "run_timeout");
}

TEST(FailureCause, OfBlocksThatChangeWithTheRunCounts) {
  EXPECT_EQ(cause({block_of(1, {{100, "FAILED"}})}), "block block_1");
}

TEST(FailureCause, ABlockThatATruncateOrASnapshotEndedIsGone) {
  const auto failed = block_of(1, {{30, "FAILED"}});
  SourceRow truncated;
  truncated.ends = {make_end(place(50), {})};
  EXPECT_EQ(cause({failed}, "RUNNING", truncated), "run_timeout");
  SourceRow later;
  later.ends = {make_end(place(20), {}), make_end(place(101), {})};
  EXPECT_EQ(cause({failed}, "RUNNING", later), "block block_1");
  SourceRow read;
  SnapshotEndRow& end = read.snapshot_ends.emplace_back();
  end.position = place(60);
  EXPECT_EQ(cause({failed}, "RUNNING", read), "block block_1") << "not complete";
  end.complete = true;
  EXPECT_EQ(cause({failed}, "RUNNING", read), "run_timeout");
}

}  // namespace
}  // namespace walpulse::monitor
