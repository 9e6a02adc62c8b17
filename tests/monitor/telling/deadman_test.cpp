#include "monitor/telling/deadman.h"

#include <gtest/gtest.h>

#include "monitor/storage/ledger_factory.h"

namespace walpulse::monitor {
namespace {

using namespace std::chrono_literals;

class DeadmanTest : public ::testing::Test {
 protected:
  DeadmanTest() { EXPECT_TRUE(ledger_->lead(1h)); }
  bool sees() {
    bool sees = false;
    EXPECT_TRUE(ledger_->look(
        [&](Transaction& in, const Context& context) { sees = sees_sources(in, context); }));
    return sees;
  }
  void write(const std::function<void(Transaction&)>& change) {
    EXPECT_TRUE(ledger_->compose([&](Transaction& in, const Context&) {
      change(in);
      return std::vector<Composed>{};
    }));
  }

  std::unique_ptr<Ledger> ledger_ = make_memory_ledger({});
};

TEST_F(DeadmanTest, ALedgerThatHeardOfNoSourceSeesNothing) {
  EXPECT_FALSE(sees());
  write([](Transaction& in) { in.connectors().save({"mage", "one", {}, 1, {}, "{}"}); });
  EXPECT_TRUE(sees());
}

TEST_F(DeadmanTest, OneThatIsBlindToASourceDoesNotSee) {
  write([](Transaction& in) { in.connectors().save({"mage", "one", {}, 1, {}, "{}"}); });
  Problem problem;
  problem.finding.key = {ProblemKind::failing, "mage", "daily", ""};
  write([&](Transaction& in) { in.problems().save(problem); });
  EXPECT_TRUE(sees());
  problem.finding.key = {ProblemKind::blind, "mage", "", ""};
  write([&](Transaction& in) { problem.id = in.problems().save(problem); });
  EXPECT_FALSE(sees());
  problem.closed = Timestamp{};
  write([&](Transaction& in) { in.problems().save(problem); });
  EXPECT_TRUE(sees());
}

}  // namespace
}  // namespace walpulse::monitor
