#include <gmock/gmock.h>

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "decoder/base/json_dom.h"
#include "monitor/rules/rules.h"

namespace walpulse::rules {
namespace {

using ::testing::Contains;
using ::testing::Not;
using ::testing::StartsWith;

/// broken_routes.json: a file, and where and of what its mistake is told. The same table is held
/// against the program by tests_integration/monitor/test_rules.py.
nlohmann::json broken_routes() {
  std::ifstream in(WALPULSE_TEST_DIR "/monitor/rules/broken_routes.json");
  std::ostringstream text;
  text << in.rdbuf();
  return parse_json(text.str());
}

TEST(BrokenRoutes, AreToldWithLineKeyAndExample) {
  const nlohmann::json rows = broken_routes();
  ASSERT_GE(rows.size(), 60u);
  for (const auto& row : rows) {
    SCOPED_TRACE(row["name"].get<std::string>());
    std::string text;
    for (const auto& line : row["lines"]) text += line.get<std::string>() + "\n";
    std::vector<BodyText> bodies;
    const nlohmann::json files = row.value("files", nlohmann::json::object());
    for (const auto& [name, body] : files.items()) {
      bodies.push_back({name, body, ""});
    }
    const std::vector<RulesText> texts{{"rules.toml", text}};
    const auto rules = read_rules(texts, bodies);
    ASSERT_FALSE(rules);
    std::vector<std::string> told;
    for (const Mistake& mistake : rules.error()) {
      told.push_back(to_string(mistake));
      EXPECT_NE(mistake.example, "") << to_string(mistake);
      EXPECT_GT(mistake.line, 0) << to_string(mistake);
    }
    EXPECT_THAT(told, Contains(StartsWith(row.value("file", "rules.toml") + ":" +
                                          std::to_string(row["line"].get<int>()) + ": " +
                                          row["told"].get<std::string>())));
  }
}

TEST(BrokenRoutes, NoSecretIsRepeated) {
  for (const std::string key :
       {"token_file", "token_env", "token", "password", "url_file", "url"}) {
    const std::vector<RulesText> texts{
        {"rules.toml", "[channel.a]\ntype = 'slack'\n" + key + " = 'hunter2-xoxb'\n"}};
    const auto rules = read_rules(texts);
    ASSERT_FALSE(rules) << key;
    for (const Mistake& mistake : rules.error()) {
      EXPECT_EQ(to_string(mistake).find("hunter2"), std::string::npos) << to_string(mistake);
    }
  }
}

}  // namespace
}  // namespace walpulse::rules
