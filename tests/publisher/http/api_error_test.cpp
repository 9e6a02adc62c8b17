#include "publisher/http/api_error.h"

#include <gtest/gtest.h>

#include "tests/publisher/http/fake_client.h"

namespace walpulse::http {
namespace {

using namespace std::chrono_literals;

TEST(Check, ClassifiesAsGooglesOwnClientsDo) {
  struct Case {
    int status;
    ErrorKind kind;
  };
  constexpr Case kCases[] = {
      {408, ErrorKind::unavailable}, {409, ErrorKind::unavailable}, {429, ErrorKind::unavailable},
      {499, ErrorKind::unavailable}, {500, ErrorKind::unavailable}, {502, ErrorKind::unavailable},
      {503, ErrorKind::unavailable}, {504, ErrorKind::unavailable}, {599, ErrorKind::unavailable},
      {401, ErrorKind::denied},      {403, ErrorKind::denied},      {404, ErrorKind::denied},
      {400, ErrorKind::rejected},    {413, ErrorKind::rejected},    {422, ErrorKind::rejected},
      {302, ErrorKind::rejected},    {405, ErrorKind::rejected},
  };
  for (const auto& [status, kind] : kCases) {
    const auto result = check(answer(status), "publish");
    ASSERT_FALSE(result) << status;
    EXPECT_EQ(result.error().kind, kind) << status;
  }
  for (const int status : {200, 201, 202, 204}) EXPECT_TRUE(check(answer(status), "publish"));
}

TEST(Check, QuotesGooglesOwnMessage) {
  const auto result = check(answer(429, R"({"error":{"code":429,"message":"Quota exceeded.",
      "status":"RESOURCE_EXHAUSTED"}})"),
                            "publish to projects/p/topics/t");
  EXPECT_EQ(result.error().message,
            "publish to projects/p/topics/t: HTTP 429: RESOURCE_EXHAUSTED: Quota exceeded.");
}

TEST(Check, QuotesOAuthErrors) {
  const auto result = check(
      answer(400, R"({"error":"invalid_grant","error_description":"Bad signature"})"), "token");
  EXPECT_EQ(result.error().message, "token: HTTP 400: invalid_grant: Bad signature");
}

TEST(Check, CutsForeignBodiesAndKeepsThemOnOneLine) {
  const auto result = check(answer(502, "<html>\n" + std::string(10'000, 'x')), "publish");
  EXPECT_LT(result.error().message.size(), 600u);
  EXPECT_EQ(result.error().message.find('\n'), std::string::npos);
  for (const char* body : {"", "null", "[]", R"({"error":null})", R"({"error":{"message":7}})"}) {
    EXPECT_FALSE(check(answer(500, body), "publish")) << body;
  }
}

TEST(Check, A401NamesTheCredentials) {
  EXPECT_NE(check(answer(401), "publish").error().remedy.find("GOOGLE_APPLICATION_CREDENTIALS"),
            std::string::npos);
}

/// As Google refuses, with the details of an ErrorInfo where it gives a reason.
Error refused(int status, const std::string& name, const std::string& reason = "") {
  const std::string details = reason.empty()
                                  ? ""
                                  : R"(,"details":[{"@type":"x"},{"reason":")" + reason +
                                        R"(","metadata":{"service":"pubsub.googleapis.com"}}])";
  return check(answer(status, R"({"error":{"status":")" + name + "\"" + details + "}}"), "publish")
      .error();
}

TEST(Check, TheCodeIsTheServicesOwnWordForIt) {
  EXPECT_EQ(refused(403, "PERMISSION_DENIED", "IAM_PERMISSION_DENIED").code,
            "IAM_PERMISSION_DENIED");
  EXPECT_EQ(refused(404, "NOT_FOUND").code, "NOT_FOUND");
  EXPECT_EQ(check(answer(400, R"({"error":"invalid_grant"})"), "token").error().code,
            "invalid_grant");
  EXPECT_EQ(check(answer(502, "<html>"), "publish").error().code, "502");
}

TEST(Check, TellsTheRefusalsThatARoleMendsFromTheOthers) {
  for (const Error& error : {refused(403, "PERMISSION_DENIED"),
                             refused(403, "PERMISSION_DENIED", "IAM_PERMISSION_DENIED"),
                             check(answer(403), "publish").error()}) {
    EXPECT_TRUE(lacks_role(error)) << error.code;
    EXPECT_EQ(error.remedy, "") << "which role, the caller knows";
  }
  const Error scope = refused(403, "PERMISSION_DENIED", kScopeInsufficient);
  EXPECT_NE(scope.remedy.find("--scopes=cloud-platform"), std::string::npos);
  const Error off = refused(403, "PERMISSION_DENIED", "SERVICE_DISABLED");
  EXPECT_EQ(off.remedy, "gcloud services enable pubsub.googleapis.com");
  for (const Error& error : {scope, off, refused(404, "NOT_FOUND"), refused(401, "UNAUTHENTICATED"),
                             refused(403, "PERMISSION_DENIED", "BILLING_DISABLED")}) {
    EXPECT_FALSE(lacks_role(error)) << error.code;
  }
}

}  // namespace
}  // namespace walpulse::http
