#include "decoder/pgoutput/label.h"

#include <gtest/gtest.h>

namespace walpulse::decoder {
namespace {

using Path = std::vector<std::string>;

LabelReading reading(std::string_view json, const Path& path = {"k"}) {
  std::string scratch;
  return read_label(json, path, scratch);
}

std::optional<std::string> label(std::string_view json, const Path& path = {"k"}) {
  return reading(json, path).value;
}

TEST(Label, IsAScalarAtAnyDepth) {
  EXPECT_EQ(label(R"({"a":1,"k":"acme"})"), "acme");
  EXPECT_EQ(label(R"({"a":{"k":"no"},"b":{"c":{"k":"deep"}}})", {"b", "c", "k"}), "deep");
  EXPECT_EQ(label(R"("root")", {}), "root");
  EXPECT_EQ(label(R"({"k":"a\"\u00fc"})"), "a\"\xC3\xBC");
}

TEST(Label, OfNumbersAndBooleansIsTheirJsonText) {
  EXPECT_EQ(label(R"({"k": 1.10 })"), "1.10");
  EXPECT_EQ(label(R"({"k":12345678901234567890123456789012345678})"),
            "12345678901234567890123456789012345678");
  EXPECT_EQ(label(R"({"k":true})"), "true");
}

TEST(Label, IsNothingForNullMissingAndComposite) {
  EXPECT_EQ(label(R"({"k":null})"), std::nullopt);
  EXPECT_EQ(label(R"({"other":1})"), std::nullopt);
  EXPECT_EQ(label(R"({"k":{}})"), std::nullopt);
  EXPECT_EQ(label(R"({"k":[1]})"), std::nullopt);
  EXPECT_EQ(label(R"({"k":1})", {"k", "deeper"}), std::nullopt);
  EXPECT_EQ(label("null"), std::nullopt);
  EXPECT_EQ(label("[1]"), std::nullopt);
}

TEST(Label, StandsBesideWhatNoReaderTakes) {
  const std::string nested = std::string(500, '[') + std::string(500, ']');
  for (const std::string& beside :
       {std::string(R"("\ud800")"), std::string(R"("\udc00 \ud83d")"), std::string("\"\xFF\""),
        nested, R"({"a":)" + nested + "}", std::string(R"("\\\"}]")")}) {
    for (const std::string& json :
         {R"({"k":"acme","x":)" + beside + "}", R"({"x":)" + beside + R"(,"k":"acme"})"}) {
      EXPECT_EQ(label(json), "acme") << json;
      EXPECT_FALSE(reading(json).faulty) << json;
    }
  }
  EXPECT_EQ(label(R"({"\ud800":1,"k":"acme"})"), "acme");
  EXPECT_EQ(label(R"({"\u006b":"acme"})"), "acme");
}

TEST(Label, ThatCannotBeReadItselfIsCounted) {
  for (const char* json :
       {R"({"k":"half \ud800"})", R"({"k":"\udc00"})", "{\"k\":\"\xFF\"}", R"({"k":bare})"}) {
    EXPECT_EQ(label(json), std::nullopt) << json;
    EXPECT_TRUE(reading(json).faulty) << json;
  }
  for (const char* json : {R"({"k":null})", R"({"k":[1]})", R"({"other":1})", "[1]"}) {
    EXPECT_FALSE(reading(json).faulty) << json;
  }
}

TEST(Label, ReadBeforeTheTextBreaksStays) {
  for (const char* json : {R"({"k":"x")", R"({"k":"x",)", R"({"k":"x","other":[1)",
                           R"({"k":"x","other)", R"({"k":"x"} more)"}) {
    EXPECT_EQ(label(json), "x") << json;
    EXPECT_TRUE(reading(json).faulty) << json;
  }
  for (const char* json : {"", R"({"other":1,"k":"x)", R"({"k")", "{"}) {
    EXPECT_EQ(label(json), std::nullopt) << json;
    EXPECT_TRUE(reading(json).faulty) << json;
  }
}

TEST(Label, OfAKeyThatOccursTwiceIsTheLast) {
  EXPECT_EQ(label(R"({"k":"first","k":"last"})"), "last");
  EXPECT_EQ(label(R"({"k":"first","k":null})"), std::nullopt);
}

TEST(Label, IsCutAt256BytesBetweenCharacters) {
  const std::string ascii(300, 'x');
  EXPECT_EQ(label("{\"k\":\"" + ascii + "\"}"), ascii.substr(0, 256));
  const std::string cut = std::string(255, 'x') + "\xC3\xBC";
  EXPECT_EQ(label("{\"k\":\"" + cut + "\"}"), cut.substr(0, 255));
}

std::string first_line(std::string_view json) {
  std::string scratch;
  return read_first_line(json, {"error", "error"}, scratch).value.value_or("(none)");
}

std::string error_of(const std::string& text) {
  return first_line(R"({"error": {"errors": ["x"], "error": )" + text +
                    R"(, "message": "Traceback"}})");
}

TEST(FirstLine, IsCutAtALineEndAndHasNoBlanksAround) {
  EXPECT_EQ(error_of(R"("one\ntwo")"), "one");
  EXPECT_EQ(error_of(R"("\n\t one \r\n two")"), "one");
  EXPECT_EQ(error_of(R"("KeyError: 'id'")"), "KeyError: 'id'");
}

TEST(FirstLine, HasAtMost300Characters) {
  std::string accents;
  for (int i = 0; i < 400; ++i) accents += "\xC3\xA9";
  EXPECT_EQ(error_of('"' + accents + '"'), accents.substr(0, 600));
  EXPECT_EQ(error_of('"' + std::string(301, 'x') + '"'), std::string(300, 'x'));
}

TEST(FirstLine, IsNoneWhereNothingIsSaid) {
  for (const char* text : {R"("")", R"(" \n \n")", "null", "{}", "[\"a\"]"}) {
    EXPECT_EQ(error_of(text), "(none)") << text;
  }
  for (const char* json : {"{}", "null", "", "[]", R"({"error": "text"})", R"({"error": {}})"}) {
    EXPECT_EQ(first_line(json), "(none)") << json;
  }
}

}  // namespace
}  // namespace walpulse::decoder
