#include "decoder/base/error_context.h"

#include <gtest/gtest.h>

namespace walpulse {
namespace {

const Error kDenied{ErrorKind::denied, "HTTP 403", "grant the role", "PERMISSION_DENIED"};

TEST(Error, IsShownWithItsRemedy) {
  EXPECT_EQ(to_string(kDenied), "HTTP 403; grant the role");
  EXPECT_EQ(to_string(Error{ErrorKind::unavailable, "refused"}), "refused");
}

TEST(ErrorContext, KeepsWhatItDoesNotName) {
  const Result<int> told = fail(of_kind(ErrorKind::rejected, in_context("pubsub://p/t", kDenied)));
  EXPECT_EQ(told.error().kind, ErrorKind::rejected);
  EXPECT_EQ(told.error().message, "pubsub://p/t: HTTP 403");
  EXPECT_EQ(told.error().remedy, "grant the role");
  EXPECT_EQ(told.error().code, "PERMISSION_DENIED");
}

TEST(ErrorContext, AddsAnotherRemedyBehindTheFirst) {
  EXPECT_EQ(with_remedy("run it again", kDenied).remedy, "grant the role; run it again");
  EXPECT_EQ(with_remedy("", kDenied).remedy, "grant the role");
  EXPECT_EQ(with_remedy("run it again", {ErrorKind::denied, "HTTP 403"}).remedy, "run it again");
}

}  // namespace
}  // namespace walpulse
