#include "monitor/access/decision.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ostream>

namespace walpulse::monitor {

void PrintTo(const Decision& decision, std::ostream* out) {
  *out << decision.status << ' ' << decision.type << ": " << decision.detail;
}

namespace {

using testing::HasSubstr;
using Proof = Identity::Proof;

constexpr Readers kWays[] = {Readers::loopback, Readers::iap,   Readers::platform,
                             Readers::google,   Readers::token, Readers::none};

Identity ana() { return {Proof::given, "ana@example.com", "example.com", ""}; }

AccessPolicy policy(Readers readers, std::vector<std::string> reading = {},
                    std::vector<std::string> writing = {}) {
  return {readers, std::move(reading), std::move(writing)};
}

AccessRequest get(std::string_view path = "/api/v1/problems") {
  AccessRequest request;
  request.method = "GET";
  request.path = path;
  request.host = "localhost:8080";
  return request;
}

AccessRequest post(std::string_view path = "/api/v1/mutes") {
  AccessRequest request = get(path);
  request.method = "POST";
  request.content_type = "application/json";
  request.has_body = true;
  return request;
}

std::string_view type_of(const Decision& decision) { return decision.type; }

TEST(Access, LetsEverybodyProbeAndNobodyElseReadUnasked) {
  for (const Readers way : kWays) {
    for (const char* path : {"/liveness", "/readiness"}) {
      AccessRequest probe = get(path);
      probe.host = "10.1.2.3:8080";
      EXPECT_TRUE(admit(policy(way), probe, {}).taken()) << path;
      probe.method = "POST";
      EXPECT_FALSE(admit(policy(way), probe, {}).taken()) << path;
    }
    for (const char* path : {"/", "/metrics", "/health", "/api/v1/problems", "/pipelines/x",
                             "/liveness/", "/readiness/../metrics", "/openapi.json"})
      EXPECT_FALSE(admit(policy(way), get(path), {}).taken()) << path;
  }
}

TEST(Access, IsTheSameForEveryWayOfProof) {
  struct Row {
    Proof proof;
    const char* expected;
  };
  for (const Readers way :
       {Readers::loopback, Readers::iap, Readers::platform, Readers::google, Readers::token}) {
    for (const Row& row : {Row{Proof::given, ""}, Row{Proof::absent, "sign-in"},
                           Row{Proof::bad, "sign-in"}, Row{Proof::undecided, "keys-away"}}) {
      Identity who = ana();
      who.proof = row.proof;
      EXPECT_EQ(type_of(admit(policy(way), get(), who)), row.expected);
      EXPECT_EQ(type_of(admit(policy(way, {}, {"*"}), post(), who)), row.expected);
    }
  }
}

TEST(Access, OfNobodyIsOffWhoeverAsks) {
  EXPECT_EQ(type_of(admit(policy(Readers::none, {"*"}, {"*"}), get(), ana())), "reading-is-off");
  EXPECT_EQ(type_of(admit(policy(Readers::none, {"*"}, {"*"}), post(), ana())), "reading-is-off");
  EXPECT_THAT(admit(policy(Readers::none), get(), {}).detail, HasSubstr("--readers"));
}

TEST(Access, OnLoopbackIsByItsOwnNameAlone) {
  AccessRequest rebound = get();
  for (const char* host : {"evil.example.com:8080", "", "127.0.0.1.evil.example.com"}) {
    rebound.host = host;
    EXPECT_EQ(type_of(admit(policy(Readers::loopback), rebound, ana())), "wrong-host") << host;
    // Elsewhere people have names for it that nobody here knows.
    EXPECT_TRUE(admit(policy(Readers::iap), rebound, ana()).taken()) << host;
  }
}

TEST(Access, IsNarrowedByReader) {
  EXPECT_TRUE(admit(policy(Readers::iap, {"ana@example.com"}), get(), ana()).taken());
  EXPECT_TRUE(admit(policy(Readers::iap, {"ANA@Example.com"}), get(), ana()).taken());
  EXPECT_TRUE(
      admit(policy(Readers::iap, {"bob@example.com", "example.com"}), get(), ana()).taken());
  const Decision refused = admit(policy(Readers::iap, {"bob@example.com"}), get(), ana());
  EXPECT_EQ(type_of(refused), "not-a-reader");
  EXPECT_EQ(refused.status, 403);
  EXPECT_THAT(refused.detail, HasSubstr("--reader"));
}

TEST(Access, ReadsADomainOffNoAddress) {
  const Identity consumer{Proof::given, "eve@example.com", "", ""};
  EXPECT_FALSE(names("example.com", consumer));
  EXPECT_TRUE(names("example.com", ana()));
  EXPECT_FALSE(names("ample.com", ana()));
  EXPECT_FALSE(names("", consumer));
  EXPECT_FALSE(names("", ana()));
}

TEST(Access, ToWriteIsGrantedApart) {
  EXPECT_TRUE(admit(policy(Readers::iap, {}, {"ana@example.com"}), post(), ana()).taken());
  EXPECT_TRUE(admit(policy(Readers::iap, {}, {"*"}), post(), ana()).taken());
  for (const auto& writing : {std::vector<std::string>{}, {"bob@example.com"}}) {
    const Decision refused = admit(policy(Readers::iap, {}, writing), post(), ana());
    EXPECT_EQ(type_of(refused), "not-a-writer");
    EXPECT_THAT(refused.detail, HasSubstr("--writer"));
  }
  EXPECT_EQ(type_of(admit(policy(Readers::iap, {"bob@example.com"}, {"*"}), post(), ana())),
            "not-a-reader")
      << "who may write is one of those who may read";
}

TEST(Access, ToWriteIsByJsonAlone) {
  const AccessPolicy open = policy(Readers::iap, {}, {"*"});
  AccessRequest write = post();
  for (const char* type : {"", "text/plain", "application/x-www-form-urlencoded",
                           "multipart/form-data", "application/jsonp", "text/json"}) {
    write.content_type = type;
    EXPECT_EQ(admit(open, write, ana()).status, 415) << type;
  }
  for (const char* type : {"application/json", "Application/JSON; charset=utf-8"}) {
    write.content_type = type;
    EXPECT_TRUE(admit(open, write, ana()).taken()) << type;
  }
  write.method = "DELETE";
  write.content_type = "";
  write.has_body = false;
  EXPECT_TRUE(admit(open, write, ana()).taken());
}

TEST(Access, LeavesItToTheApiToSayWhatTakesNoWrites) {
  const AccessPolicy open = policy(Readers::iap, {}, {"*"});
  AccessRequest write = post();
  write.content_type = "text/plain";
  for (const char* path : {"/api/v1/runs", "/api/v1/mutes2", "/api/v1/deliveries"}) {
    write.path = path;
    write.has_body = true;
    EXPECT_EQ(type_of(admit(open, write, ana())), "no-body") << path;
    write.has_body = false;
    EXPECT_TRUE(admit(open, write, ana()).taken()) << path;
  }
  for (const char* path : {"/api/v1/mutes", "/api/v1/mutes/3", "/api/v1/deliveries/7/retry"}) {
    write.path = path;
    EXPECT_EQ(admit(open, write, ana()).status, 415) << path;
  }
}

TEST(Access, OnlyWhatIsWrittenHasABody) {
  for (const char* path : {"/api/v1/mutes", "/api/v1/mutes/3", "/api/v1/deliveries/7/retry"}) {
    EXPECT_GE(write_bytes_max("POST", path), 50'000u) << path;
    EXPECT_EQ(write_bytes_max("GET", path), 0u) << path;
    EXPECT_EQ(write_bytes_max("HEAD", path), 0u) << path;
  }
  for (const char* path : {"/", "/push", "/metrics", "/api/v1/mutes2", "/api/v1/runs", "/api/"})
    EXPECT_EQ(write_bytes_max("POST", path), 0u) << path;
}

TEST(Access, ToWriteIsRefusedToPagesOfElsewhere) {
  const AccessPolicy open = policy(Readers::loopback, {}, {"*"});
  struct Row {
    const char* site;
    const char* origin;
    bool taken;
  };
  for (const Row& row :
       {Row{"", "", true}, Row{"", "http://localhost:8080", true},
        Row{"", "https://LOCALHOST:8080", true}, Row{"", "http://localhost:8081", false},
        Row{"", "https://evil.example.com", false}, Row{"", "null", false},
        Row{"", "http://localhost:8080.evil.example.com", false},
        Row{"same-origin", "http://localhost:8080", true},
        // A proxy has another name for it than the browser; the browser's word counts.
        Row{"same-origin", "https://walpulse.example.com", true},
        Row{"same-site", "https://other.example.com", false},
        Row{"cross-site", "http://localhost:8080", false}, Row{"none", "", false},
        Row{"made-up", "", false}}) {
    AccessRequest write = post();
    write.fetch_site = row.site;
    write.origin = row.origin;
    const Decision decision = admit(open, write, ana());
    EXPECT_EQ(decision.taken(), row.taken) << row.site << ' ' << row.origin;
    if (!row.taken) {
      EXPECT_EQ(type_of(decision), "cross-site");
    }
  }
}

TEST(Access, ToReadIsRefusedToPagesOfElsewhereButNotToTheirLinks) {
  const AccessPolicy open = policy(Readers::loopback);
  AccessRequest read = get("/");
  for (const char* site : {"cross-site", "same-site"}) {
    read.fetch_site = site;
    read.fetch_mode = "navigate";
    EXPECT_TRUE(admit(open, read, ana()).taken()) << "a link in a message";
    for (const char* mode : {"no-cors", "cors", "websocket", ""}) {
      read.fetch_mode = mode;
      EXPECT_EQ(type_of(admit(open, read, ana())), "cross-site") << mode;
    }
  }
  for (const char* site : {"none", "same-origin", ""}) {
    read.fetch_site = site;
    EXPECT_TRUE(admit(open, read, ana()).taken()) << site;
  }
}

TEST(Access, NeverWritesByGetNorOutsideTheApi) {
  const AccessPolicy open = policy(Readers::iap, {}, {"*"});
  AccessRequest read = get("/api/v1/mutes");
  read.has_body = true;
  EXPECT_EQ(admit(open, read, ana()).status, 400);
  for (const char* method : {"POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "get"}) {
    AccessRequest write = post("/metrics");
    write.method = method;
    const Decision decision = admit(open, write, ana());
    EXPECT_EQ(decision.status, 405) << method;
    EXPECT_EQ(decision.allow, "GET, HEAD");
  }
}

}  // namespace
}  // namespace walpulse::monitor
