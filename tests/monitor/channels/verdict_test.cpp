#include "monitor/channels/verdict.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/publisher/http/fake_client.h"

namespace walpulse::monitor::channels {
namespace {

using std::chrono::seconds;
using ::testing::HasSubstr;
using Verdict = Answer::Verdict;

constexpr Timestamp kNow{std::chrono::sys_days(std::chrono::year(1994) / 11 / 6) +
                         std::chrono::hours(8)};

http::Response with(const std::string& value) {
  http::Response response = http::answer(429);
  response.headers = {{"retry-after", value}};
  return response;
}

TEST(Verdict, IsOfTheStatus) {
  const Redaction none;
  const auto of = [&](int status) { return verdict_of(http::answer(status), none, kNow).verdict; };
  for (const int status : {200, 201, 202, 204}) EXPECT_EQ(of(status), Verdict::taken) << status;
  for (const int status : {408, 409, 423, 425, 429, 500, 502, 503, 504, 599})
    EXPECT_EQ(of(status), Verdict::again) << status;
  for (const int status : {301, 302, 307, 400, 401, 403, 404, 405, 410, 413, 422})
    EXPECT_EQ(of(status), Verdict::never) << status;
  EXPECT_THAT(verdict_of(http::answer(302), none, kNow).text, HasSubstr("not followed"));
}

TEST(Verdict, AWaitIsHonouredUpToAnHour) {
  EXPECT_EQ(retry_after(with("30"), kNow), seconds(30));
  EXPECT_EQ(retry_after(with("0"), kNow), seconds(0));
  EXPECT_EQ(retry_after(with("86400"), kNow), seconds(3'600));
  EXPECT_EQ(retry_after(with("99999999999999999999"), kNow), seconds(3'600));
  EXPECT_EQ(retry_after(with("Sun, 06 Nov 1994 08:00:45 GMT"), kNow), seconds(45));
  EXPECT_EQ(retry_after(with("Sun, 06 Nov 1994 07:00:00 GMT"), kNow), seconds(0));
  EXPECT_EQ(retry_after(with("Sun, 06 Nov 2094 07:00:00 GMT"), kNow), seconds(3'600));
  for (const char* text : {"", "-1", "soon", "1.5", "Sun, 99 Nov 1994 08:00:45 GMT",
                           "Sun, 06 ovD 1994 08:00:45 GMT", "Sun, 06 Nov 1994"})
    EXPECT_EQ(retry_after(with(text), kNow), std::nullopt) << text;
  EXPECT_EQ(retry_after(http::answer(429), kNow), std::nullopt);
}

TEST(Verdict, AnAnswerIsShownWithoutSecretsAndCut) {
  Redaction redaction;
  redaction.add("xoxb-1");
  const Answer answer = verdict_of(
      http::answer(400, "no\n<b>xoxb-1</b>" + std::string(1'000'000, 'x')), redaction, kNow);
  EXPECT_THAT(answer.text, ::testing::StartsWith("HTTP 400: no <b>***</b>xxx"));
  EXPECT_LE(answer.text.size(), 520u);
}

TEST(Verdict, WithoutAnAnswerItIsTriedAgainUnlessNothingCouldBeAsked) {
  const Redaction none;
  for (const ErrorKind kind :
       {ErrorKind::unavailable, ErrorKind::timed_out, ErrorKind::cancelled, ErrorKind::denied})
    EXPECT_EQ(verdict_of(Error{kind, "x"}, none).verdict, Verdict::again);
  EXPECT_EQ(verdict_of(Error{ErrorKind::rejected, "x", "mend it"}, none), never("x; mend it"));
}

}  // namespace
}  // namespace walpulse::monitor::channels
