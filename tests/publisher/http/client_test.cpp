#include "publisher/http/client.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "tests/publisher/http/loopback_server.h"

namespace walpulse::http {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view kOk = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

void answer_all(Peer& peer) {
  while (!peer.read_request().empty()) {
    if (!peer.write(kOk)) return;
  }
}

Request post_to(std::string url, std::string_view body = "body") {
  Request request;
  request.url = std::move(url);
  request.body = body;
  request.timeout = 20s;
  return request;
}

TEST(Client, KeepsOneConnectionForRequestsInARow) {
  LoopbackServer server(answer_all);
  const auto client = make_client();
  for (int i = 0; i < 5; ++i) {
    const auto response = client->send(post_to(server.url()));
    ASSERT_TRUE(response) << response.error().message;
    EXPECT_EQ(response->status, 200);
    EXPECT_EQ(response->body, "ok");
  }
  EXPECT_EQ(server.connection_count(), 1u);
}

TEST(Client, SendsMethodHeadersAndBodyAsGiven) {
  std::string seen;
  LoopbackServer server([&seen](Peer& peer) {
    seen = peer.read_request();
    peer.write(kOk);
  });
  Request request = post_to(server.url("/v1/x?y=z"), "{\"a\":1}");
  request.headers = {"Content-Type: application/json", "X-Test: yes"};
  ASSERT_TRUE(make_client()->send(request));
  EXPECT_EQ(seen.rfind("POST /v1/x?y=z HTTP/1.1\r\n", 0), 0u) << seen;
  EXPECT_NE(seen.find("\r\nContent-Type: application/json\r\n"), std::string::npos);
  EXPECT_NE(seen.find("\r\nX-Test: yes\r\n"), std::string::npos);
  EXPECT_NE(seen.find("\r\nUser-Agent: walpulse/"), std::string::npos);
  EXPECT_EQ(seen.substr(seen.size() - 7), "{\"a\":1}");
}

TEST(Client, SendsALargeBodyWithoutAskingFirst) {
  std::string seen;
  LoopbackServer server([&seen](Peer& peer) {
    seen = peer.read_request();
    peer.write(kOk);
  });
  const std::string body(3 << 20, 'x');
  ASSERT_TRUE(make_client()->send(post_to(server.url(), body)));
  EXPECT_EQ(seen.find("Expect:"), std::string::npos);
  EXPECT_EQ(seen.size() - seen.find("\r\n\r\n") - 4, body.size());
}

TEST(Client, GetCarriesNoBody) {
  std::string seen;
  LoopbackServer server([&seen](Peer& peer) {
    seen = peer.read_request();
    peer.write(kOk);
  });
  Request request = post_to(server.url("/t"), {});
  request.method = Method::get;
  ASSERT_TRUE(make_client()->send(request));
  EXPECT_EQ(seen.rfind("GET /t ", 0), 0u);
  EXPECT_EQ(seen.substr(seen.size() - 4), "\r\n\r\n");
}

TEST(Client, GivesHeaderNamesInLowerCaseAndForgetsInterimAnswers) {
  LoopbackServer server([](Peer& peer) {
    peer.read_request();
    peer.write("HTTP/1.1 103 Early Hints\r\nX-Interim: 1\r\n\r\n");
    peer.write("HTTP/1.1 404 Not Found\r\nMetadata-FLAVOR:  Google \r\nContent-Length: 0\r\n\r\n");
  });
  const auto response = make_client()->send(post_to(server.url()));
  ASSERT_TRUE(response) << response.error().message;
  EXPECT_EQ(response->status, 404);
  bool found = false;
  for (const auto& [name, value] : response->headers) {
    EXPECT_NE(name, "x-interim");
    if (name == "metadata-flavor") found = value == "Google";
  }
  EXPECT_TRUE(found);
}

TEST(Client, DoesNotFollowRedirects) {
  LoopbackServer server([](Peer& peer) {
    peer.read_request();
    peer.write("HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n");
  });
  const auto response = make_client()->send(post_to(server.url()));
  ASSERT_TRUE(response) << response.error().message;
  EXPECT_EQ(response->status, 302);
}

TEST(Client, AServerThatNeverAnswersIsTimedOut) {
  LoopbackServer server([](Peer& peer) { peer.wait_for_hang_up(); });
  Request request = post_to(server.url());
  request.timeout = 100ms;
  const auto response = make_client()->send(request);
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().kind, ErrorKind::timed_out);
}

TEST(Client, TheDeadlineHoldsForTheWholeCallHoweverTheAnswerTrickles) {
  LoopbackServer server([](Peer& peer) {
    peer.read_request();
    peer.write("HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n");
    while (!peer.hangs_up_within(10)) {
      if (!peer.write("x")) return;
    }
  });
  Request request = post_to(server.url());
  request.timeout = 200ms;
  const auto response = make_client()->send(request);
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().kind, ErrorKind::timed_out);
}

TEST(Client, AResetIsUnavailable) {
  LoopbackServer server([](Peer& peer) {
    peer.read_request();
    peer.reset_on_close();
  });
  const auto response = make_client()->send(post_to(server.url()));
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().kind, ErrorKind::unavailable);
}

TEST(Client, HalfABodyIsNoAnswer) {
  LoopbackServer server([](Peer& peer) {
    peer.read_request();
    peer.write("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf");
  });
  const auto response = make_client()->send(post_to(server.url()));
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().kind, ErrorKind::unavailable);
}

TEST(Client, BytesThatAreNotHttpAreNoAnswer) {
  LoopbackServer server([](Peer& peer) {
    peer.read_request();
    peer.write("SSH-2.0-OpenSSH_9.2\r\n");
  });
  EXPECT_FALSE(make_client()->send(post_to(server.url())));
}

TEST(Client, AConnectionThatTheServerClosedIsReplaced) {
  LoopbackServer server([](Peer& peer) {
    peer.read_request();
    peer.write(kOk);
  });
  const auto client = make_client();
  for (int i = 0; i < 3; ++i) {
    const auto response = client->send(post_to(server.url()));
    ASSERT_TRUE(response) << response.error().message;
  }
  EXPECT_EQ(server.connection_count(), 3u);
}

TEST(Client, AnAnswerOverTheLimitIsAnError) {
  LoopbackServer server([](Peer& peer) {
    peer.read_request();
    peer.write("HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n" + std::string(5000, 'x'));
    peer.wait_for_hang_up();
  });
  ClientOptions options;
  options.response_bytes_max = 1000;
  const auto response = make_client(options)->send(post_to(server.url()));
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().kind, ErrorKind::unavailable);
  EXPECT_NE(response.error().message.find("over 1000 bytes"), std::string::npos);
}

TEST(Client, EndlessHeadersAreAnError) {
  LoopbackServer server([](Peer& peer) {
    peer.read_request();
    if (!peer.write("HTTP/1.1 200 OK\r\n")) return;
    const std::string header = "X-Fill: " + std::string(1000, 'x') + "\r\n";
    while (peer.write(header)) {
    }
  });
  EXPECT_FALSE(make_client()->send(post_to(server.url())));
}

TEST(Client, AStopRequestEndsACallInFlight) {
  std::stop_source stop;
  LoopbackServer server([&stop](Peer& peer) {
    peer.read_request();
    stop.request_stop();
    peer.wait_for_hang_up();
  });
  Request request = post_to(server.url());
  request.timeout = 10min;
  request.stop = stop.get_token();
  const auto response = make_client()->send(request);
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().kind, ErrorKind::cancelled);
}

TEST(Client, ACancelledCallDoesNotSpoilTheNextOne) {
  std::stop_source stop;
  std::atomic<int> connections = 0;
  LoopbackServer server([&](Peer& peer) {
    if (connections++ > 0) return answer_all(peer);
    peer.read_request();
    stop.request_stop();
    peer.wait_for_hang_up();
  });
  const auto client = make_client();
  Request request = post_to(server.url());
  request.stop = stop.get_token();
  ASSERT_FALSE(client->send(request));
  request.stop = {};
  EXPECT_TRUE(client->send(request));
}

TEST(Client, ServesManyThreadsAtOnce) {
  LoopbackServer server(answer_all);
  const auto client = make_client();
  std::atomic<int> answered = 0;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 8; ++i) {
      threads.emplace_back([&] {
        for (int j = 0; j < 20; ++j) {
          if (client->send(post_to(server.url()))) ++answered;
        }
      });
    }
  }
  EXPECT_EQ(answered, 160);
  EXPECT_LE(server.connection_count(), 8u);
}

TEST(Client, NobodyListeningIsUnavailable) {
  std::string url;
  {
    const LoopbackServer gone([](Peer&) {});
    url = gone.url();
  }
  const auto response = make_client()->send(post_to(url));
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().kind, ErrorKind::unavailable);
}

TEST(Client, OnlyHttpUrlsAreTried) {
  const auto client = make_client();
  for (const char* url : {"file:///etc/passwd", "ftp://127.0.0.1/", "http://", "::"}) {
    const auto response = client->send(post_to(url));
    ASSERT_FALSE(response) << url;
    EXPECT_EQ(response.error().kind, ErrorKind::rejected) << url;
  }
}

TEST(Client, ErrorsNameTheUrlWithoutUserAndQuery) {
  LoopbackServer server([](Peer& peer) {
    peer.read_request();
    peer.reset_on_close();
  });
  std::string url = server.url("/path?secret=1");
  url.insert(7, "user:password@");
  const auto response = make_client()->send(post_to(url));
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().message.find("secret"), std::string::npos);
  EXPECT_EQ(response.error().message.find("password"), std::string::npos);
  EXPECT_NE(response.error().message.find("/path"), std::string::npos);
}

}  // namespace
}  // namespace walpulse::http
