#include "monitor/command/doctor_monitoring.h"
#include "publisher/doctor/report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/monitor/fake_http.h"

namespace walpulse::monitor {
namespace {

using testing::AllOf;
using testing::HasSubstr;

/// What doctor says where listing and writing are answered so.
std::string said(int list_status, const std::string& list, int write_status,
                 const std::string& write) {
  FakeHttp http([&](const SentRequest& sent, std::stop_token) -> Result<http::Response> {
    const bool writing = sent.url.ends_with("/v3/projects/demo-project/timeSeries");
    if (writing) {
      EXPECT_EQ(sent.body, R"({"timeSeries":[]})") << "no point is written";
    }
    return writing ? http::Response{write_status, write, {}}
                   : http::Response{list_status, list, {}};
  });
  const auto tokens = auth::make_anonymous_token_source();
  std::vector<Check> checks;
  check_monitoring(http, *tokens, ServeOptions{}, "demo-project", checks);
  return doctor::text(checks);
}

TEST(DoctorMonitoring, WhoeverMayWriteIsToldThatNothingWasSent) {
  EXPECT_THAT(said(200, "{}", 400, R"({"error":{"status":"INVALID_ARGUMENT"}})"),
              AllOf(HasSubstr("points may be written to demo-project"), HasSubstr("0 failed")));
}

TEST(DoctorMonitoring, NamesTheRoleThatIsMissing) {
  const std::string denied = R"({"error":{"status":"PERMISSION_DENIED","message":"no"}})";
  for (const std::string& text : {said(403, denied, 403, denied), said(200, "{}", 403, denied)}) {
    EXPECT_THAT(text, AllOf(HasSubstr("1 failed"), HasSubstr("roles/monitoring.metricWriter"),
                            HasSubstr("add-iam-policy-binding demo-project")));
  }
}

TEST(DoctorMonitoring, NamesTheScopeThatIsMissingAndNoRole) {
  const std::string denied =
      R"({"error":{"details":[{"reason":"ACCESS_TOKEN_SCOPE_INSUFFICIENT"}]}})";
  EXPECT_THAT(said(403, denied, 403, denied),
              AllOf(HasSubstr("--scopes=cloud-platform"), Not(HasSubstr("metricWriter"))));
}

TEST(DoctorMonitoring, NamesAMetricThatSomebodyMadeOfAnotherKind) {
  const std::string list = R"({"metricDescriptors":[{"type":
    "custom.googleapis.com/walpulse/flow/heartbeat_age","metricKind":"CUMULATIVE",
    "valueType":"INT64"},7]})";
  EXPECT_THAT(said(200, list, 400, "{}"),
              AllOf(HasSubstr("1 failed"), HasSubstr("heartbeat_age is CUMULATIVE INT64"),
                    HasSubstr("--metric-prefix custom.googleapis.com/walpulse2")));
}

TEST(DoctorMonitoring, AnAnswerThatIsNoListIsNotBelieved) {
  for (const char* body : {"", "[]", R"({"metricDescriptors":[]})"})
    EXPECT_THAT(said(200, body, 400, "{}"), HasSubstr("0 of ")) << body;
}

}  // namespace
}  // namespace walpulse::monitor
