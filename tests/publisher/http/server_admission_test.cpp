#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>

#include "publisher/http/server.h"
#include "tests/publisher/http/raw_http.h"

namespace walpulse::http {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

/// Lets in whoever says "please", once.
std::optional<ServerResponse> wants_please(const RequestHead& head) {
  const auto said = head.values("X-Say");
  if (said.size() == 1 && said[0] == "please") {
    *head.caller = "somebody polite";
    return std::nullopt;
  }
  return ServerResponse{said.empty() ? 401 : 403, "text/plain", "no\n"};
}

class HttpAdmissionTest : public testing::Test {
 protected:
  HttpAdmissionTest() {
    ServerOptions options;
    options.address = "127.0.0.1";
    options.port = 0;
    options.body_limit = [](std::string_view, std::string_view path) {
      return path == "/push" ? std::size_t{1} << 20 : 0;
    };
    server_ = *Server::start(
        options,
        [this](const ServerRequest& request, Respond respond) {
          ++handled_;
          respond({200, "text/plain",
                   std::string(request.caller) + "/" + std::string(request.traceparent) + "/" +
                       std::to_string(request.body.size())});
        },
        wants_please);
  }
  static std::string post_saying(const std::string& headers, const std::string& body) {
    return "POST /push HTTP/1.1\r\nHost: test\r\n" + headers +
           "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
  }

  std::atomic<int> handled_ = 0;
  std::unique_ptr<Server> server_;
};

TEST_F(HttpAdmissionTest, LetsInWhoIsAdmitted) {
  RawHttp client(server_->port());
  ASSERT_TRUE(client.write(
      post_saying("x-SAY: please\r\ntraceparent: 00-ab\r\n", std::string(100'000, 'x'))));
  EXPECT_THAT(client.read_response(), testing::EndsWith("somebody polite/00-ab/100000"));
}

TEST_F(HttpAdmissionTest, NeverHandlesWhatIsRefusedAndGoesOn) {
  RawHttp client(server_->port());
  ASSERT_TRUE(client.write(post_saying("", "body")));
  const std::string refused = client.read_response();
  EXPECT_THAT(refused, StartsWith("HTTP/1.1 401 "));
  EXPECT_THAT(refused, HasSubstr("WWW-Authenticate: Bearer"));
  ASSERT_TRUE(client.write(post_saying("X-Say: please\r\nX-Say: please\r\n", "body")));
  EXPECT_EQ(client.read_status(), 403);
  EXPECT_EQ(handled_, 0);
  ASSERT_TRUE(client.write(post_saying("X-Say: please\r\n", "body")));
  EXPECT_EQ(client.read_status(), 200);
}

TEST_F(HttpAdmissionTest, AnswersBeforeALongBodyAndCutsItOff) {
  RawHttp client(server_->port());
  ASSERT_TRUE(client.write("POST /push HTTP/1.1\r\nHost: test\r\nContent-Length: 9999999\r\n\r\n"));
  EXPECT_EQ(client.read_status(), 401);
  EXPECT_TRUE(client.at_end());
}

TEST_F(HttpAdmissionTest, AnswersBeforeAnyBodyWhereNoneIsTaken) {
  for (const char* says : {"", "X-Say: please\r\n"}) {
    RawHttp client(server_->port());
    ASSERT_TRUE(client.write("POST /other HTTP/1.1\r\nHost: test\r\n" + std::string(says) +
                             "Content-Length: 9\r\n\r\n"));
    EXPECT_EQ(client.read_status(), *says == 0 ? 401 : 413);
    EXPECT_TRUE(client.at_end());
  }
  EXPECT_EQ(handled_, 0);
}

TEST_F(HttpAdmissionTest, AnswersWhoAsksBeforeSending) {
  RawHttp client(server_->port());
  ASSERT_TRUE(
      client.write("POST /push HTTP/1.1\r\nHost: test\r\nContent-Length: 9\r\n"
                   "Expect: 100-continue\r\n\r\n"));
  EXPECT_EQ(client.read_status(), 401);
}

TEST_F(HttpAdmissionTest, ClosesWhereTheEndOfABodyIsAQuestion) {
  for (const char* framing :
       {"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: chunked\r\nContent-Length: 0\r\n",
        "Content-Length: 0\r\nContent-Length: 5\r\n", "Content-Length: 5\r\nContent-Length: 5\r\n",
        "Transfer-Encoding: gzip, chunked\r\n", "Transfer-Encoding: identity\r\n",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"}) {
    for (const char* method : {"GET", "POST"}) {
      RawHttp client(server_->port());
      ASSERT_TRUE(client.write(std::string(method) +
                               " /push HTTP/1.1\r\nHost: test\r\nX-Say: please\r\n" + framing +
                               "\r\n"));
      EXPECT_EQ(client.read_status(), 400) << framing;
      EXPECT_TRUE(client.at_end()) << framing;
    }
  }
  EXPECT_EQ(handled_, 0);
}

TEST_F(HttpAdmissionTest, CutsOffAChunkedBodyThatIsNotWanted) {
  RawHttp client(server_->port());
  std::string chunk = "8000\r\n" + std::string(0x8000, 'x') + "\r\n";
  client.write("POST /push HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n");
  bool open = true;
  for (int i = 0; i < 1000 && open; ++i) open = client.write(chunk);
  EXPECT_FALSE(open) << "32 MB were taken";
  EXPECT_EQ(handled_, 0);
}

}  // namespace
}  // namespace walpulse::http
