#include "monitor/rules/body_template.h"

#include <gmock/gmock.h>
#include <rapidcheck/gtest.h>

#include <nlohmann/json.hpp>

#include "decoder/base/json_dom.h"

namespace walpulse::rules {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

BodyTemplate body(const std::string& text) { return BodyTemplate::read(text).value(); }

TEST(BodyTemplate, PutsValuesIntoTheParsedJson) {
  const BodyTemplate some = body(R"({"run": "{run}", "cause": "{pipeline} run {run}", "at": ["{x}"],
    "n": 1.5, "label": "{label.partner}"})");
  EXPECT_THAT(some.names(), ElementsAre("x", "pipeline", "run", "label.partner"));
  EXPECT_EQ(
      some.render({{"run", std::int64_t{812}}, {"pipeline", "sales"}, {"label.partner", "a\"b"}}),
      R"({"at":[null],"cause":"sales run 812","label":"a\"b","n":1.5,"run":812})");
  EXPECT_EQ(body(R"("{s} s")").render({{"s", 1.5}}), R"("1.5 s")");
  EXPECT_EQ(body(R"(["{a}", "<{a}>"])").render({}), R"([null,"<>"])");
  EXPECT_EQ(body(R"("{labels}")")
                .render({{"labels", std::map<std::string, std::string, std::less<>>{{"a", "1"}}}}),
            R"({"a":"1"})");
}

TEST(BodyTemplate, BracesAreWrittenTwice) {
  EXPECT_EQ(body(R"("{{ {a} }}")").render({{"a", "{b}"}}), R"("{ {b} }")")
      << "a value is no template";
  for (const std::string text : {R"("{")", R"("}")", R"("{a b}")", R"("{}")", R"("{a")"}) {
    EXPECT_FALSE(BodyTemplate::read(text)) << text;
  }
}

TEST(BodyTemplate, SaysInWhichLineItBreaks) {
  const auto broken = BodyTemplate::read("{\n \"a\": 1,\n \"b\": {run}\n}");
  ASSERT_FALSE(broken);
  EXPECT_EQ(broken.error().line, 3);
  EXPECT_EQ(BodyTemplate::read("").error().line, 1);
  EXPECT_THAT(BodyTemplate::read(R"({"{a}": 1})").error().what, HasSubstr("stand in values"));
}

TEST(BodyTemplate, HasItsBounds) {
  EXPECT_FALSE(BodyTemplate::read("\"" + std::string(BodyTemplate::kBytesMax, 'a') + "\""));
  EXPECT_THAT(BodyTemplate::read(std::string(33, '[') + std::string(33, ']')).error().what,
              HasSubstr("deeper than 32"));
  EXPECT_TRUE(BodyTemplate::read(std::string(32, '[') + std::string(32, ']')));
  EXPECT_FALSE(BodyTemplate::read(std::string(30'000, '[') + std::string(30'000, ']')));
}

RC_GTEST_PROP(BodyTemplateProperty, AValueNeverLeavesItsText, (const std::string& value)) {
  const BodyTemplate some = body(R"({"whole": "{v}", "part": "<{v}>", "after": 1})");
  const nlohmann::json read = parse_json(some.render({{"v", value}}));
  RC_ASSERT(read.size() == 3u);
  RC_ASSERT(read["after"] == 1);
  RC_ASSERT(read["whole"].is_string() && read["part"].is_string());
  // What is no UTF-8 is replaced; everything else is there as it was.
  const nlohmann::json same = parse_json(dump_json(nlohmann::json(value)));
  RC_ASSERT(read["whole"] == same);
  RC_ASSERT(read["part"] == parse_json(dump_json(nlohmann::json("<" + value + ">"))));
}

TEST(BodyTemplate, HostileValuesStayValues) {
  for (const std::string value : {"\",\"admin\":true,\"x\":\"", "{run}", "}}", "\\", "\\u0022",
                                  "\n\r\t", "\u2028", "</script>"}) {
    const auto read = parse_json(body(R"({"a": "{v}"})").render({{"v", value}}));
    EXPECT_EQ(read.size(), 1u);
    EXPECT_EQ(read["a"], value);
  }
}

}  // namespace
}  // namespace walpulse::rules
