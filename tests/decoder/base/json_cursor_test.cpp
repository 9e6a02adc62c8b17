#include "decoder/base/json_cursor.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <nlohmann/json.hpp>

#include "decoder/base/json_text.h"

namespace walpulse {
namespace {

bool reads(std::string text) {
  JsonCursor in(text);
  in.skip();
  return in.finish();
}

std::string string_of(std::string text) {
  JsonCursor in(text);
  const std::string value(in.string());
  return in.finish() ? value : "refused: " + in.problem();
}

TEST(JsonCursor, FindsTheEndOfAStringWhereverItStands) {
  for (std::size_t length = 0; length < 40; ++length) {
    const std::string plain(length, '~');
    EXPECT_EQ(string_of('"' + plain + '"'), plain);
    for (std::size_t place = 0; place < length; ++place) {
      for (const char* special : {"\\\"", "\\n", "Gr\xC3\xBCn", "\\u0041", " !", "\x7F"}) {
        std::string written = plain, read = plain;
        const bool escaped = special[0] == '\\';
        written.replace(place, 1, special);
        read.replace(place, 1,
                     !escaped            ? special
                     : special[1] == '"' ? "\""
                     : special[1] == 'n' ? "\n"
                                         : "A");
        EXPECT_EQ(string_of('"' + written + '"'), read);
      }
      for (const char wrong : {'\x01', '\x1F', '\xFF', '\x80'}) {
        std::string written = plain;
        written[place] = wrong;
        EXPECT_NE(string_of('"' + written + '"').find("refused"), std::string::npos);
      }
    }
  }
}

TEST(JsonCursor, ReadsWhatJsonIs) {
  for (const char* text : {"null", " true ", "false", "0", "-1.5e+3", "\"\"", "[]", "{}",
                           "[ 1 , 2 ]", "{\"a\":{\"b\":[null]}}", "1E5", "-0"}) {
    EXPECT_TRUE(reads(text)) << text;
  }
}

TEST(JsonCursor, RefusesWhatJsonIsNot) {
  for (const char* text :
       {"",         "nul",       "tru",         "01",          "-",
        "1.",       "1e",        ".5",          "+1",          "\"",
        "\"\n\"",   "[1,]",      "[1 2]",       "[",           "{",
        "{\"a\"}",  "{\"a\":}",  "{a:1}",       "{\"a\":1,}",  "1 1",
        "\"\\x\"",  "\"\\u12\"", "\"\\ud800\"", "\"\\udc00\"", "\"\\ud800\\u0041\"",
        "\"\xFF\"", "NaN",       "'a'"}) {
    EXPECT_FALSE(reads(text)) << text;
  }
}

TEST(JsonCursor, AgreesWithAnotherParserOnMutatedText) {
  const std::string seed = R"({"a":[1,-2.5e3,"x\né\ud83d\ude00",null,true],"b":{"c":false}})";
  EXPECT_TRUE(rc::check([&] {
    std::string text = seed;
    const auto index = *rc::gen::inRange<std::size_t>(0, text.size());
    text[index] =
        *rc::gen::element('"', '\\', '{', '}', '[', ']', ',', ':', '0', 'e', ' ', 'u', '-');
    RC_ASSERT(reads(text) == nlohmann::json::accept(text));
  }));
}

TEST(JsonCursor, UndoesEscapesInPlace) {
  EXPECT_EQ(string_of(R"("a\"\\\/\b\f\n\r\tz")"), "a\"\\/\b\f\n\r\tz");
  EXPECT_EQ(string_of(R"("\u0041\u00fc\u20ac\ud83d\ude00")"),
            "A\xC3\xBC\xE2\x82\xAC\xF0\x9F\x98\x80");
}

TEST(JsonCursor, StringsAreTheSameWrittenAndReadAgain) {
  EXPECT_TRUE(rc::check([](std::string text) {
    for (char& c : text) c = static_cast<char>(c & 0x7F);
    text += "\xC3\xBC" + text + "\xF0\x9F\x98\x80";
    std::string json = "\"";
    RC_ASSERT(JsonWriter(json, 0).escaped(text));
    json += '"';
    RC_ASSERT(string_of(json) == text);
  }));
}

TEST(JsonCursor, RefusesNumbersThatDoNotFit) {
  for (std::string text : {"9223372036854775808", "-9223372036854775809", "1.0", "1e2"}) {
    JsonCursor in(text);
    EXPECT_EQ(in.integer(), 0);
    EXPECT_FALSE(in.finish()) << text;
  }
  std::string negative = "-1";
  JsonCursor in(negative);
  in.unsigned_integer();
  EXPECT_FALSE(in.finish());
}

TEST(JsonCursor, BoundsTheDepth) {
  EXPECT_TRUE(reads(std::string(256, '[') + std::string(256, ']')));
  EXPECT_FALSE(reads(std::string(257, '[') + std::string(257, ']')));
  EXPECT_FALSE(reads(std::string(1'000'000, '[')));
}

TEST(JsonCursor, NamesTheOffsetAndNothingOfTheText) {
  std::string text = R"({"a":secret})";
  JsonCursor in(text);
  in.skip();
  EXPECT_FALSE(in.finish());
  EXPECT_EQ(in.problem(), "offset 5: expected a value");
}

}  // namespace
}  // namespace walpulse
