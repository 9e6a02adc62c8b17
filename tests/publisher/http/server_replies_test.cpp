#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "publisher/http/server.h"
#include "tests/publisher/http/gunzip.h"
#include "tests/publisher/http/raw_http.h"

namespace walpulse::http {
namespace {

using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

/// Queries, conditions and compression, through a real socket.
class ServerRepliesTest : public testing::Test {
 protected:
  void answer(const ServerRequest& request, const Respond& respond) {
    if (request.path == "/large") return respond(large());
    ServerResponse response{200, "text/plain", ""};
    for (const auto& [name, value] : request.query.parameters) {
      response.body += "[" + name + "=" + value + "]";
    }
    if (request.path == "/split")
      response.headers = {{"Location", request.query.parameters[0].value}};
    respond(std::move(response));
  }
  static ServerResponse large() {
    ServerResponse response{200, "text/plain", std::string(100'000, 'x')};
    response.etag = "\"v1\"";
    response.headers = {{"Cache-Control", "no-cache"}};
    return response;
  }
  static std::string get_with(std::string_view path, const std::string& headers) {
    return "GET " + std::string(path) + " HTTP/1.1\r\nHost: test\r\n" + headers + "\r\n";
  }
  std::string ask(const std::string& request) {
    EXPECT_TRUE(client_.write(request));
    return client_.read_response();
  }
  static std::unique_ptr<Server> started(Handler handler) {
    ServerOptions options;
    options.address = "127.0.0.1";
    options.port = 0;
    options.body_limit = [](std::string_view, std::string_view) { return std::size_t{1} << 20; };
    return *Server::start(options, std::move(handler));
  }

  std::unique_ptr<Server> server_ =
      started([this](const ServerRequest& request, Respond respond) { answer(request, respond); });
  RawHttp client_{server_->port()};
};

TEST_F(ServerRepliesTest, GiveTheHandlerTheQuery) {
  EXPECT_THAT(ask(get("/?a=1&b=x%20y&a=2+3&c")), EndsWith("\r\n\r\n[a=1][b=x y][a=2+3][c=]"));
  EXPECT_THAT(ask(get("/?")), EndsWith("\r\n\r\n"));
  EXPECT_THAT(ask(post("/?q=%3F?", "body")), EndsWith("\r\n\r\n[q=??]"));
}

TEST_F(ServerRepliesTest, RefuseAQueryThatCannotBeRead) {
  EXPECT_THAT(ask(get("/?a=%zz")), AllOf(StartsWith("HTTP/1.1 400 "), EndsWith("as %25\n")));
  std::string many = "/?";
  for (int i = 0; i < 101; ++i) many += "a&";
  EXPECT_THAT(ask(get(many)), StartsWith("HTTP/1.1 400 "));
  EXPECT_THAT(ask(get("/?a=" + std::string(8191, 'x'))), StartsWith("HTTP/1.1 414 "));
  EXPECT_THAT(ask(get("/?a=" + std::string(8190, 'x'))), StartsWith("HTTP/1.1 200 "))
      << "the connection serves on";
}

TEST_F(ServerRepliesTest, RefuseAQueryBehindItsBody) {
  EXPECT_THAT(ask(post("/?a=%", std::string(10'000, 'x'))), StartsWith("HTTP/1.1 400 "));
  EXPECT_THAT(ask(get("/?a=1")), EndsWith("[a=1]"));
  ASSERT_TRUE(client_.write("POST /?% HTTP/1.1\r\nHost: x\r\nContent-Length: 9999999\r\n\r\n"));
  EXPECT_EQ(client_.read_status(), 400);
  EXPECT_TRUE(client_.at_end());
}

TEST_F(ServerRepliesTest, SayNothingOfTheQueryToWhomAdmitRefuses) {
  ServerOptions options;
  options.address = "127.0.0.1";
  options.port = 0;
  const auto server = *Server::start(
      options, [](const ServerRequest&, Respond respond) { respond({}); },
      [](const RequestHead&) {
        return ServerResponse{401, "text/plain", "no\n"};
      });
  RawHttp client(server->port());
  ASSERT_TRUE(client.write(get("/?a=%zz")));
  EXPECT_EQ(client.read_status(), 401);
}

TEST_F(ServerRepliesTest, AreNotModifiedWithoutABody) {
  const std::string whole = ask(get("/large"));
  EXPECT_THAT(whole, AllOf(StartsWith("HTTP/1.1 200 "), HasSubstr("ETag: \"v1\"\r\n"),
                           HasSubstr("Cache-Control: no-cache\r\n"),
                           HasSubstr("Vary: Accept-Encoding\r\n"), EndsWith("xxx")));
  const std::string unchanged =
      ask(get_with("/large", "If-None-Match: \"v0\"\r\nif-none-match: W/\"v1\"\r\n"));
  EXPECT_THAT(unchanged,
              AllOf(StartsWith("HTTP/1.1 304 "), HasSubstr("ETag: \"v1\"\r\n"),
                    HasSubstr("Cache-Control: no-cache\r\n"),
                    HasSubstr("Vary: Accept-Encoding\r\n"), Not(HasSubstr("Content-Type")),
                    HasSubstr("Content-Length: 100000\r\n"), EndsWith("\r\n\r\n")));
  EXPECT_THAT(ask(get_with("/large", "If-None-Match: \"v2\"\r\n")), StartsWith("HTTP/1.1 200 "))
      << "the connection serves on";
}

TEST_F(ServerRepliesTest, IgnoreConditionsOfWhatDoesNotRead) {
  EXPECT_THAT(ask("POST /large HTTP/1.1\r\nHost: x\r\nIf-None-Match: *\r\n"
                  "Accept-Encoding: gzip\r\nContent-Length: 0\r\n\r\n"),
              AllOf(StartsWith("HTTP/1.1 200 "), Not(HasSubstr("Content-Encoding"))));
}

TEST_F(ServerRepliesTest, AreCompressedWhereTheClientAllowsIt) {
  const std::string response = ask(get_with("/large", "accept-encoding: br, gzip\r\n"));
  EXPECT_THAT(response, AllOf(HasSubstr("Content-Encoding: gzip\r\n"),
                              HasSubstr("Vary: Accept-Encoding\r\n"), HasSubstr("ETag: W/\"v1\"")));
  EXPECT_LT(response.size(), 2000U);
  EXPECT_EQ(gunzip(response.substr(response.find("\r\n\r\n") + 4)), large().body);
  EXPECT_THAT(ask(get_with("/large", "Accept-Encoding: gzip;q=0\r\n")),
              Not(HasSubstr("Content-Encoding")));
}

TEST_F(ServerRepliesTest, ToHeadSayWhatGetWouldSay) {
  const auto head = [&](const std::string& headers) {
    return "HEAD /large HTTP/1.1\r\nHost: x\r\nConnection: close\r\n" + headers + "\r\n";
  };
  RawHttp plain(server_->port());
  ASSERT_TRUE(plain.write(head("")));
  EXPECT_THAT(plain.read_response(),
              AllOf(HasSubstr("Content-Length: 100000\r\n"), EndsWith("\r\n\r\n")));
  RawHttp compressed(server_->port());
  ASSERT_TRUE(compressed.write(head("Accept-Encoding: gzip\r\n")));
  EXPECT_THAT(compressed.read_response(),
              AllOf(HasSubstr("Content-Encoding: gzip\r\n"), EndsWith("\r\n\r\n")));
  RawHttp unchanged(server_->port());
  ASSERT_TRUE(unchanged.write(head("If-None-Match: *\r\n")));
  EXPECT_THAT(unchanged.read_response(), StartsWith("HTTP/1.1 304 "));
}

TEST_F(ServerRepliesTest, AreNeverSplitByAHeader) {
  EXPECT_THAT(ask(get("/split?a=/there")), HasSubstr("Location: /there\r\n"));
  EXPECT_THAT(ask(get("/split?a=x%0d%0aSet-Cookie:%20a")),
              AllOf(StartsWith("HTTP/1.1 500 "), Not(HasSubstr("Set-Cookie"))));
}

TEST_F(ServerRepliesTest, SurviveRequestsThatEndAfterTheirTarget) {
  for (const char* request : {"GET /?a=1 HTTP/1.1\r\n", "GET /?a=%zz HTTP/1.1\r\nHo",
                              "GET /?a=1 HTTP/1.1\r\nbroken\r\n\r\n", "GET ?a=1\r\n\r\n"}) {
    RawHttp client(server_->port());
    client.write(request);
    if (std::string_view(request).ends_with("\r\n\r\n")) client.read_response();
  }
  EXPECT_THAT(ask(get("/?a=1")), EndsWith("[a=1]"));
}

}  // namespace
}  // namespace walpulse::http
