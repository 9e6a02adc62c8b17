#include "decoder/label.h"

#include <gtest/gtest.h>

namespace walpulse::decoder {
namespace {

using Path = std::vector<std::string>;

std::optional<std::string> label(std::string_view json, const Path& path = {"k"}) {
  std::string scratch;
  return label_value(json, path, scratch);
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

TEST(Label, IsNothingForTextThatIsNoJson) {
  EXPECT_EQ(label(""), std::nullopt);
  EXPECT_EQ(label(R"({"k":"x")"), std::nullopt);
  EXPECT_EQ(label("{\"k\":\"\xFF\"}"), std::nullopt);
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

}  // namespace
}  // namespace walpulse::decoder
