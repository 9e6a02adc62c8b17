#include "monitor/export/cloud_monitoring_writer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "publisher/auth/caching_token_source.h"
#include "tests/monitor/fake_http.h"

namespace walpulse::monitor {
namespace {

using std::chrono_literals::operator""h;
using std::chrono_literals::operator""ms;
using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

const telemetry::Descriptor kCounter{"a/count",
                                     "A",
                                     "A.",
                                     "1",
                                     telemetry::Descriptor::Kind::cumulative,
                                     telemetry::Descriptor::ValueType::int64,
                                     {}};

http::Response ok() { return {200, "{}", {}}; }
http::Response refused(const std::string& message) {
  return {400, nlohmann::json{{"error", {{"code", 400}, {"message", message}}}}.dump(), {}};
}
constexpr const char* kOlderEnd =
    "One or more TimeSeries could not be written: Points must be written in order. One or more of "
    "the points specified had an older end time than the most recent point.: timeSeries[0-1]";

Export points(std::size_t count) {
  Export exported;
  exported.end = Timestamp(std::chrono::seconds(1'763'676'060));
  for (std::size_t i = 0; i < count; ++i) {
    exported.points.push_back({static_cast<std::int64_t>(i),
                               &kCounter,
                               {{{"n", std::to_string(i)}}, "mage", {}, std::int64_t{1}}});
  }
  return exported;
}

bool holds(const SentRequest& request, int n) {
  return request.body.find("{\"n\":\"" + std::to_string(n) + "\"}") != std::string::npos;
}

class CloudMonitoringWriterTest : public testing::Test {
 protected:
  /// Writes `count` points while timeSeries.create answers as told; descriptors are accepted.
  std::vector<ExportResult> write(std::size_t count, FakeHttp::Answer answer) {
    FakeHttp http([&](const SentRequest& request, std::stop_token stop) {
      if (request.url.ends_with("/metricDescriptors")) return Result<http::Response>(ok());
      calls_.push_back(request);
      return answer(request, std::move(stop));
    });
    const auto tokens = auth::make_anonymous_token_source();
    CloudMonitoringOptions options;
    options.endpoint = "http://x";
    options.target.project = "p";
    options.backoff = {1ms, 1, 1ms};
    CloudMonitoringWriter writer(http, *tokens, options, {&kCounter});
    auto results = writer.write(points(count), CloudMonitoringWriter::Clock::now() + 1h, {});
    trouble_ = writer.health();
    return results;
  }
  std::vector<SentRequest> calls_;
  std::string trouble_;
};

TEST_F(CloudMonitoringWriterTest, WritesDescriptorsOnceAndPointsInCallsOf200) {
  FakeHttp http([](const SentRequest&, std::stop_token) { return ok(); });
  const auto tokens = auth::make_anonymous_token_source();
  CloudMonitoringOptions options;
  options.endpoint = "http://x";
  options.target.project = "p";
  CloudMonitoringWriter writer(http, *tokens, options, {&kCounter});
  const auto deadline = CloudMonitoringWriter::Clock::now() + 1h;
  EXPECT_THAT(writer.write(points(201), deadline, {}), Each(""));
  EXPECT_THAT(writer.write(points(1), deadline, {}), Each(""));
  std::vector<std::string> urls;
  for (const auto& sent : http.sent()) urls.push_back(sent.url);
  EXPECT_THAT(
      urls,
      ElementsAre("http://x/v3/projects/p/metricDescriptors", "http://x/v3/projects/p/timeSeries",
                  "http://x/v3/projects/p/timeSeries", "http://x/v3/projects/p/timeSeries"));
  EXPECT_EQ(writer.health(), "");
}

TEST_F(CloudMonitoringWriterTest, WritesNothingOnceItsLeaseHasEnded) {
  FakeHttp http([](const SentRequest&, std::stop_token) { return ok(); });
  const auto tokens = auth::make_anonymous_token_source();
  CloudMonitoringOptions options;
  options.endpoint = "http://x";
  CloudMonitoringWriter writer(http, *tokens, options, {});
  using Clock = CloudMonitoringWriter::Clock;
  Export exported = points(401);
  exported.write_until = [&] { return http.sent().empty() ? Clock::now() + 1h : Clock::now(); };
  const auto results = writer.write(exported, Clock::now() + 1h, {});
  EXPECT_THAT(http.sent(), SizeIs(1));
  EXPECT_EQ(std::count(results.begin(), results.end(), "cancelled"), 201);
}

TEST_F(CloudMonitoringWriterTest, GivesNoCallLongerThanItsLeaseLasts) {
  FakeHttp http([](const SentRequest&, std::stop_token) { return ok(); });
  const auto tokens = auth::make_anonymous_token_source();
  CloudMonitoringOptions options;
  options.endpoint = "http://x";
  CloudMonitoringWriter writer(http, *tokens, options, {});
  using Clock = CloudMonitoringWriter::Clock;
  Export exported = points(1);
  const auto until = Clock::now() + 5000ms;
  exported.write_until = [&] { return until; };
  writer.write(exported, Clock::now() + 1h, {});
  EXPECT_THAT(http.sent().at(0).timeout, testing::Le(5000ms));
}

TEST_F(CloudMonitoringWriterTest, CountsAnOlderEndTimeAfterATimeoutAsWritten) {
  EXPECT_THAT(write(2,
                    [&](const SentRequest&, std::stop_token) -> Result<http::Response> {
                      if (calls_.size() == 1) return fail(ErrorKind::timed_out, "no answer");
                      return refused(kOlderEnd);
                    }),
              ElementsAre("", ""));
  ASSERT_THAT(calls_, SizeIs(2));
  EXPECT_EQ(calls_[0].body, calls_[1].body);
}

TEST_F(CloudMonitoringWriterTest, CountsAnOlderEndTimeWithoutATimeoutAsARefusal) {
  EXPECT_THAT(write(2, [](const SentRequest&, std::stop_token) { return refused(kOlderEnd); }),
              ElementsAre("out_of_order", "out_of_order"));
  EXPECT_THAT(calls_, SizeIs(1));
  EXPECT_THAT(trouble_, HasSubstr("2 of 2 points were not written"));
}

TEST_F(CloudMonitoringWriterTest, NeverSendsARefusedCallAgainUnchanged) {
  const auto results = write(3, [&](const SentRequest& request, std::stop_token) {
    return holds(request, 1) ? refused("Field timeSeries[1] had an invalid value: no such thing")
                             : ok();
  });
  EXPECT_THAT(results, ElementsAre("", "refused", ""));
  EXPECT_THAT(calls_, SizeIs(2));
}

TEST_F(CloudMonitoringWriterTest, SplitsACallWhoseCulpritIsNotNamed) {
  const auto results = write(200, [&](const SentRequest& request, std::stop_token) {
    return holds(request, 77) ? refused("Request contains an invalid argument.") : ok();
  });
  for (std::size_t i = 0; i < results.size(); ++i) EXPECT_EQ(results[i], i == 77 ? "refused" : "");
  std::set<std::string> bodies;
  for (const auto& call : calls_) EXPECT_TRUE(bodies.insert(call.body).second);
}

TEST_F(CloudMonitoringWriterTest, GivesUpSplittingWhereEverythingIsRefused) {
  EXPECT_THAT(write(1000, [](const SentRequest&, std::stop_token) { return refused("no"); }),
              Each("refused"));
  EXPECT_LT(calls_.size(), 100u);
}

TEST_F(CloudMonitoringWriterTest, StopsCallingAServiceThatDeniesAccess) {
  EXPECT_THAT(
      write(600,
            [](const SentRequest&, std::stop_token) {
              return http::Response{403, R"({"error":{"message":"no right to write"}})", {}};
            }),
      Each("denied"));
  EXPECT_THAT(calls_, SizeIs(1));
  EXPECT_THAT(trouble_, HasSubstr("no right to write"));
}

TEST_F(CloudMonitoringWriterTest, TriesAnUnavailableServiceAFewTimes) {
  EXPECT_THAT(write(201,
                    [](const SentRequest&, std::stop_token) {
                      return http::Response{503, "", {}};
                    }),
              Each("unavailable"));
  EXPECT_THAT(calls_, SizeIs(3));
}

TEST_F(CloudMonitoringWriterTest, WritesNothingWithoutItsDescriptors) {
  FakeHttp http([](const SentRequest&, std::stop_token) { return http::Response{403, "", {}}; });
  const auto tokens = auth::make_anonymous_token_source();
  CloudMonitoringOptions options;
  options.endpoint = "http://x";
  CloudMonitoringWriter writer(http, *tokens, options, {&kCounter});
  EXPECT_THAT(writer.write(points(2), CloudMonitoringWriter::Clock::now() + 1h, {}),
              Each("denied"));
  EXPECT_THAT(http.sent(), SizeIs(1));
}

TEST_F(CloudMonitoringWriterTest, LeavesWhatADeadlineCutsOff) {
  FakeHttp http([](const SentRequest&, std::stop_token) { return ok(); });
  const auto tokens = auth::make_anonymous_token_source();
  CloudMonitoringWriter writer(http, *tokens, {}, {});
  EXPECT_THAT(writer.write(points(2), CloudMonitoringWriter::Clock::now() - 1h, {}),
              Each("cancelled"));
  EXPECT_THAT(http.sent(), IsEmpty());
}

/// Takes the second token and no other.
class RevokingHttp final : public http::Client {
 public:
  Result<http::Response> send(const http::Request& request) override {
    ++calls;
    for (const std::string& header : request.headers)
      if (header == "Authorization: Bearer token-2") return ok();
    return http::Response{401, "{}", {}};
  }
  int calls = 0;
};

TEST_F(CloudMonitoringWriterTest, ATokenRevokedEarlyIsReplacedOnce) {
  RevokingHttp http;
  int fetched = 0;
  const auto tokens = auth::make_caching_token_source([&] {
    ++fetched;
    return Result<auth::AccessToken>(
        auth::AccessToken{"token-" + std::to_string(fetched), std::chrono::hours(1)});
  });
  CloudMonitoringOptions options;
  options.target.project = "p";
  CloudMonitoringWriter writer(http, *tokens, options, {&kCounter});
  const auto deadline = CloudMonitoringWriter::Clock::now() + 1h;
  EXPECT_THAT(writer.write(points(1), deadline, {}), Each(""));
  EXPECT_EQ(fetched, 2);
  EXPECT_EQ(http.calls, 3) << "the descriptor twice, the points once";
}

}  // namespace
}  // namespace walpulse::monitor
