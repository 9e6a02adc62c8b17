#include <gtest/gtest.h>

#include "connector/stream/read_pacing.h"
#include "connector/stream/replication_stream.h"

namespace walpulse::connector {
namespace {

using namespace std::chrono_literals;

TEST(StartCommand, QuotesThePublicationAsAnIdentifierInAString) {
  EXPECT_EQ(start_command("walpulse", Lsn{0x1'0000'00FF}, "walpulse"),
            "START_REPLICATION SLOT \"walpulse\" LOGICAL 1/FF (proto_version '1', "
            "publication_names '\"walpulse\"')");
  EXPECT_NE(start_command("s", Lsn{}, "It's \"mine\"").find("'\"It''s \"\"mine\"\"\"'"),
            std::string::npos);
}

TEST(ReadPacing, PausesOnlyWhileDataKeepsComingAtOnce) {
  ReadPacing pacing;
  EXPECT_FALSE(pacing.backlog());
  for (int i = 0; i < 16; ++i) pacing.waited(10us);
  EXPECT_TRUE(pacing.backlog());
  pacing.waited(1ms);
  EXPECT_TRUE(pacing.backlog()) << "one wait is the walsender's own";
  pacing.waited(1ms);
  EXPECT_FALSE(pacing.backlog());
}

TEST(ReadPacing, SingleCommitsAreNoBacklog) {
  ReadPacing pacing;
  for (int commit = 0; commit < 1000; ++commit) {
    pacing.waited(500us);
    for (int message = 0; message < 2; ++message) pacing.waited(10us);
    EXPECT_FALSE(pacing.backlog());
  }
}

}  // namespace
}  // namespace walpulse::connector
