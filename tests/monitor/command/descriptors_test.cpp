#include "monitor/command/descriptors.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "monitor/ledger/counting/metric_descriptors.h"
#include "tests/monitor/fake_http.h"

namespace walpulse::monitor {
namespace {

using testing::HasSubstr;

const char* nothing(const char*) { return nullptr; }

class DescriptorsTest : public testing::Test {
 protected:
  DescriptorsTest() {
    options_.monitoring_endpoint = "http://monitoring/";
    options_.project = "demo-project";
  }
  Result<void> create(FakeHttp& http) {
    return create_descriptors(http, options_, nothing,
                              [&](const std::string& type) { made_.push_back(type); });
  }
  ServeOptions options_;
  std::vector<std::string> made_;
};

TEST_F(DescriptorsTest, SendsEveryMetricOnceToTheProject) {
  FakeHttp http([](const SentRequest& request, std::stop_token) -> Result<http::Response> {
    EXPECT_EQ(request.url, "http://monitoring/v3/projects/demo-project/metricDescriptors");
    return http::Response{200, "{}", {}};
  });
  ASSERT_TRUE(create(http));
  EXPECT_EQ(made_.size(), exported_descriptors().size());
  EXPECT_EQ(http.sent().size(), made_.size());
  EXPECT_THAT(http.sent().front().body, HasSubstr(made_.front()));
}

TEST_F(DescriptorsTest, TriesAllAndNamesTheFirstThatWasRefusedWithItsRemedy) {
  int calls = 0;
  FakeHttp http([&](const SentRequest&, std::stop_token) -> Result<http::Response> {
    ++calls;
    if (calls == 2) return http::Response{403, R"({"error":{"message":"no permission"}})", {}};
    return http::Response{200, "{}", {}};
  });
  const auto done = create(http);
  ASSERT_FALSE(done);
  EXPECT_THAT(to_string(done.error()), HasSubstr("roles/monitoring.metricWriter"));
  EXPECT_EQ(made_.size(), exported_descriptors().size() - 1);
}

TEST_F(DescriptorsTest, AsksAServiceThatIsAwayOnlyOnce) {
  FakeHttp http([](const SentRequest&, std::stop_token) -> Result<http::Response> {
    return fail(ErrorKind::unavailable, "connection refused");
  });
  ASSERT_FALSE(create(http));
  EXPECT_EQ(http.sent().size(), 1u);
}

TEST_F(DescriptorsTest, NamesTheFlagWhereNobodySaysWhichProject) {
  options_.project.clear();
  FakeHttp http([](const SentRequest&, std::stop_token) -> Result<http::Response> {
    return fail(ErrorKind::unavailable, "no such host");
  });
  const auto done = create(http);
  ASSERT_FALSE(done);
  EXPECT_THAT(to_string(done.error()), HasSubstr("--project"));
}

}  // namespace
}  // namespace walpulse::monitor
