#include "publisher/telemetry/trace_context.h"

#include <gtest/gtest.h>

#include <string>

namespace walpulse::telemetry {
namespace {

constexpr const char* kTrace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

TEST(TraceContext, IsReadOutOfTraceparent) {
  const auto context = parse_traceparent(kTrace);
  ASSERT_TRUE(context);
  EXPECT_EQ(context->trace_id, "4bf92f3577b34da6a3ce929d0e0e4736");
  EXPECT_EQ(context->span_id, "00f067aa0ba902b7");
  EXPECT_TRUE(context->sampled);
  EXPECT_FALSE(
      parse_traceparent("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00")->sampled);
  EXPECT_TRUE(parse_traceparent("01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more"));
}

TEST(TraceContext, IsNothingElse) {
  for (const char* text : {"", "00", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7",
                           "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
                           "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
                           "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
                           "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
                           "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more",
                           "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0\n"}) {
    EXPECT_FALSE(parse_traceparent(text)) << text;
  }
}

TEST(TraceScope, LastsAsLongAsItLives) {
  EXPECT_EQ(TraceScope::current(), nullptr);
  {
    const TraceScope outer(kTrace);
    ASSERT_NE(TraceScope::current(), nullptr);
    const TraceScope malformed("nonsense");
    EXPECT_EQ(TraceScope::current()->span_id, "00f067aa0ba902b7");
  }
  EXPECT_EQ(TraceScope::current(), nullptr);
}

}  // namespace
}  // namespace walpulse::telemetry
