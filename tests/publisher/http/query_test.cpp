#include "publisher/http/query.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "publisher/http/url_encoding.h"

namespace walpulse::http {
namespace {

using Pairs = std::vector<std::pair<std::string, std::string>>;
using testing::HasSubstr;

Pairs pairs(std::string_view text) {
  const auto query = parse_query(text);
  EXPECT_TRUE(query.has_value()) << text;
  Pairs out;
  if (!query) return out;
  for (const auto& [name, value] : query->parameters) out.emplace_back(name, value);
  return out;
}

Error error_of(const std::string& text) {
  const auto query = parse_query(text);
  EXPECT_FALSE(query.has_value()) << text;
  return query ? Error{} : query.error();
}

TEST(Query, KeepsOrderAndRepeatedNames) {
  EXPECT_EQ(pairs("b=2&a=1&b=3"), (Pairs{{"b", "2"}, {"a", "1"}, {"b", "3"}}));
}

TEST(Query, MayBeEmptyOrHaveEmptyParts) {
  EXPECT_EQ(pairs(""), Pairs{});
  EXPECT_EQ(pairs("&&"), Pairs{});
  EXPECT_EQ(pairs("&a=1&&b=&"), (Pairs{{"a", "1"}, {"b", ""}}));
  EXPECT_EQ(pairs("a"), (Pairs{{"a", ""}}));
  EXPECT_EQ(pairs("="), (Pairs{{"", ""}}));
  EXPECT_EQ(pairs("a==b=c"), (Pairs{{"a", "=b=c"}}));
}

TEST(Query, DecodesNamesAndValuesAfterSplitting) {
  EXPECT_EQ(pairs("%61%3D=%26%3d%25"), (Pairs{{"a=", "&=%"}}));
  EXPECT_EQ(pairs("p=%C3%A9t%c3%a9"), (Pairs{{"p", "\u00e9t\u00e9"}}));
  EXPECT_EQ(pairs("p=a?b/c:d@e;f"), (Pairs{{"p", "a?b/c:d@e;f"}}));
}

TEST(Query, DecodesOnce) { EXPECT_EQ(pairs("p=%2525"), (Pairs{{"p", "%25"}})); }

TEST(Query, LeavesAPlusAPlus) {
  EXPECT_EQ(pairs("at=2026-11-27T08:00:00+02:00&s=a%20b%2B"),
            (Pairs{{"at", "2026-11-27T08:00:00+02:00"}, {"s", "a b+"}}));
}

TEST(Query, RefusesBrokenEscapes) {
  for (const char* text : {"%", "a=%", "a=%1", "a=%zz", "a=%1g", "a=%+1", "a=%-1", "a=%%41", "%=1",
                           "a=%1&b=2", "a=%0x41"}) {
    EXPECT_EQ(error_of(text).kind, ErrorKind::malformed) << text;
  }
}

TEST(Query, TakesAnyBytes) {
  const std::string value("\0\r\n\xff", 4);
  EXPECT_EQ(pairs("p=%00%0D%0A%FF"), (Pairs{{"p", value}}));
  EXPECT_EQ(pairs("p=" + value), (Pairs{{"p", value}}));
}

TEST(Query, IsBounded) {
  EXPECT_EQ(pairs("a=" + std::string(kQueryBytesMax - 2, 'x'))[0].second.size(),
            kQueryBytesMax - 2);
  EXPECT_THAT(error_of(std::string(kQueryBytesMax + 1, '&')).message, HasSubstr("8192 bytes"));
  std::string many;
  for (std::size_t i = 0; i < kQueryParametersMax; ++i) many += "a&";
  EXPECT_EQ(pairs(many).size(), kQueryParametersMax);
  const Error error = error_of(many + "a");
  EXPECT_EQ(error.kind, ErrorKind::rejected);
  EXPECT_THAT(error.message, HasSubstr("100 parameters"));
}

TEST(Query, FindsTheFirstOfAName) {
  const Query query = *parse_query("b=1&a=2&a=3");
  EXPECT_EQ(*query.find("a"), "2");
  EXPECT_EQ(query.find("c"), nullptr);
  EXPECT_EQ(query.find("A"), nullptr);
}

RC_GTEST_PROP(Query, GivesBackWhatWasEncoded, (const std::vector<std::string>& values)) {
  const std::size_t count = std::min<std::size_t>(values.size(), kQueryParametersMax);
  std::string text;
  for (std::size_t i = 0; i < count; ++i) text += "&v=" + percent_encoded(values[i]);
  RC_PRE(text.size() <= kQueryBytesMax);
  const auto query = parse_query(text);
  RC_ASSERT(query.has_value());
  RC_ASSERT(query->parameters.size() == count);
  for (std::size_t i = 0; i < count; ++i) RC_ASSERT(query->parameters[i].value == values[i]);
}

}  // namespace
}  // namespace walpulse::http
