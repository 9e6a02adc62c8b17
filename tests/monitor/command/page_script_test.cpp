#include "monitor/command/page_script.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/golden_file.h"

namespace walpulse::monitor {
namespace {

using testing::HasSubstr;
using testing::Not;

std::string script_for(const std::string& ledger, const std::string& schema = "walpulse_ledger") {
  ServeOptions options;
  options.ledger = ledger;
  options.ledger_schema = schema;
  return page_script(options);
}

TEST(PageScript, IsTheFileThatTheGuideLinksTo) {
  expect_file("../deploy/sql/page-role.sql",
              script_for("host=10.0.0.6 dbname=walpulse user=walpulse_page"));
}

TEST(PageScript, QuotesWhateverItIsGiven) {
  const auto script = script_for("postgresql://o'brien:hunter2@h:6432/my-mage", "we'ird");
  EXPECT_THAT(script, HasSubstr("'o''brien'"));
  EXPECT_THAT(script, HasSubstr("'we''ird'"));
  EXPECT_THAT(script, Not(HasSubstr("hunter2")));
}

TEST(PageScript, HasNamesWhereNobodyGaveAny) {
  EXPECT_THAT(script_for(""), HasSubstr("'walpulse_page' AS walpulse_role"));
}

}  // namespace
}  // namespace walpulse::monitor
