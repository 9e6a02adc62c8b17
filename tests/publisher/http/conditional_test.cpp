#include "publisher/http/conditional.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "publisher/http/reply.h"

namespace walpulse::http {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

TEST(EntityTags, HaveQuotesAndNoSpaces) {
  for (const char* text : {"\"\"", "\"a\"", "W/\"a\"", "\"a,b\"", "\"\xc3\xa9\""}) {
    EXPECT_TRUE(is_entity_tag(text)) << text;
  }
  for (const char* text : {"", "a", "\"a", "a\"", "w/\"a\"", "\"a\"b", "\"a b\"", "\"a\nb\"", "W/",
                           "W/a", "\"a\", \"b\"", "\"\x7f\""}) {
    EXPECT_FALSE(is_entity_tag(text)) << text;
  }
}

TEST(IfNoneMatch, NamesWhatHasTheSameTextWeakOrNot) {
  EXPECT_TRUE(names_entity("\"a\"", "\"a\""));
  EXPECT_TRUE(names_entity("W/\"a\"", "\"a\""));
  EXPECT_TRUE(names_entity("\"a\"", "W/\"a\""));
  EXPECT_TRUE(names_entity("W/\"a\"", "W/\"a\""));
  EXPECT_FALSE(names_entity("\"a\"", "\"b\""));
  EXPECT_FALSE(names_entity("\"A\"", "\"a\""));
}

TEST(IfNoneMatch, MayBeAList) {
  EXPECT_TRUE(names_entity("\"x\", W/\"y\" ,\"a\"", "\"a\""));
  EXPECT_TRUE(names_entity(" ,, \"x\",\t\"a\" , ", "\"a\""));
  EXPECT_TRUE(names_entity("\"x,y\", \"a\"", "\"a\""));
  EXPECT_FALSE(names_entity("\"x,a,y\"", "\"a\""));
  EXPECT_FALSE(names_entity("\"x\", \"y\"", "\"a\""));
}

TEST(IfNoneMatch, MayNameEverythingThatThereIs) {
  EXPECT_TRUE(names_entity("*", "\"a\""));
  EXPECT_TRUE(names_entity(" * ", "W/\"a\""));
  EXPECT_FALSE(names_entity("\"*\"", "\"a\""));
  EXPECT_FALSE(names_entity("*", "")) << "the handler gave no tag";
}

TEST(IfNoneMatch, NamesNothingBehindWhatIsNoTag) {
  for (const char* text : {"", " ", "a", "a, \"a\"", "\"x\" \"a\"", "\"x, \"a\"",
                           "*, \"x y\", \"a\"", "W/, \"a\"", "\"x\";\"a\""}) {
    EXPECT_FALSE(names_entity(text, "\"a\"")) << text;
  }
}

TEST(IfNoneMatch, IsReadInOnePass) {
  std::string many;
  for (int i = 0; i < 100'000; ++i) many += ",\"x\"";
  EXPECT_TRUE(names_entity(many + ",\"a\"", "\"a\""));
  EXPECT_FALSE(names_entity(std::string(1'000'000, ','), "\"a\""));
}

ServerResponse tagged() {
  ServerResponse response{200, "text/plain", "body"};
  response.etag = "\"a\"";
  response.headers = {{"Cache-Control", "no-cache"}, {"last-modified", "yesterday"}};
  return response;
}

TEST(FinishedReply, IsNotModifiedWhereTheClientHasIt) {
  const auto response = finished(tagged(), {"W/\"a\"", ""});
  EXPECT_EQ(response.status, 304);
  EXPECT_EQ(response.body, "body") << "its length is sent";
  EXPECT_EQ(response.etag, "\"a\"");
  EXPECT_THAT(response.headers, ElementsAre(Pair("Cache-Control", "no-cache")));
}

TEST(FinishedReply, IsWholeWhereTheClientHasAnotherOrNone) {
  for (const char* said : {"", "\"b\"", "nonsense"}) {
    const auto response = finished(tagged(), {said, ""});
    EXPECT_EQ(response.status, 200) << said;
    EXPECT_EQ(response.body, "body");
    EXPECT_EQ(response.headers.size(), 2U);
  }
}

TEST(FinishedReply, OfAnErrorIsNeverNotModified) {
  auto response = tagged();
  response.status = 503;
  EXPECT_EQ(finished(response, {"*", ""}).status, 503);
}

TEST(FinishedReply, WithASplitHeaderIsAnInternalError) {
  const auto with = [](std::string name, std::string value) {
    ServerResponse response{200, "text/plain", "secret"};
    response.headers = {{"A", "b"}, {std::move(name), std::move(value)}};
    return finished(std::move(response), {});
  };
  EXPECT_EQ(with("Location", "/a%0d%0ab").status, 200);
  for (const char* value : {"a\r\nSet-Cookie: b", "a\nb", "a\rb", "\x01", "a\tb", "\x7f"}) {
    const auto response = with("Location", value);
    EXPECT_EQ(response.status, 500) << value;
    EXPECT_EQ(response.body, "internal error\n");
    EXPECT_THAT(response.headers, IsEmpty());
  }
  EXPECT_EQ(with("Location", std::string("a\0b", 3)).status, 500);
  for (const char* name : {"", "a b", "a:", "a\r\nb", "\xc3\xa9", "Content-Length", "etag",
                           "transfer-encoding", "Connection", "Content-Type"}) {
    EXPECT_EQ(with(name, "x").status, 500) << name;
  }
  EXPECT_EQ(finished({200, "text/plain\r\nX: y", "b"}, {}).status, 500);
  auto response = tagged();
  response.etag = "no quotes";
  EXPECT_EQ(finished(response, {}).status, 500);
}

}  // namespace
}  // namespace walpulse::http
