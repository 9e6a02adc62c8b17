#include "tests/monitor/storage/store_fixture.h"

namespace walpulse::monitor::testing {
namespace {

class ConnectorStoreTest : public StoreTest {
 protected:
  void save(const ConnectorRow& row) {
    writing([&](Transaction& in) {
      in.connectors().save(row);
      return true;
    });
  }
  std::vector<ConnectorRow> all() {
    return reading([](Transaction& in) { return in.connectors().all(); });
  }
};

TEST_P(ConnectorStoreTest, KeepsTheLatestOfEachProcess) {
  save({"mage", "a", at(1), 1, at(10), "{}"});
  save({"mage", "a", at(2), 1, at(11), "{}"});
  save({"mage", "a", at(1), 2, at(20), R"({"x":1})"});
  auto rows = all();
  ASSERT_EQ(rows.size(), 2u);
  if (rows[0].started_at != at(1)) std::swap(rows[0], rows[1]);
  EXPECT_EQ(rows[0].name, "mage");
  EXPECT_EQ(rows[0].instance, "a");
  EXPECT_EQ(rows[0].sequence, 2u);
  EXPECT_EQ(rows[0].sent_at, at(20));
  EXPECT_EQ(rows[0].heartbeat, R"({"x":1})");
}

TEST_P(ConnectorStoreTest, RemovesThoseNotHeardOfSince) {
  save({"mage", "a", at(1), 1, at(10), "{}"});
  save({"mage", "b", at(1), 1, at(20), "{}"});
  writing([](Transaction& in) {
    in.connectors().remove(at(20));
    return true;
  });
  ASSERT_EQ(all().size(), 1u);
  EXPECT_EQ(all()[0].instance, "b");
}

TEST_P(ConnectorStoreTest, ForgetsWhatIsRolledBack) {
  rolled_back([](Transaction& in) { in.connectors().save({"mage", "a", at(1), 1, at(10), "{}"}); });
  EXPECT_TRUE(all().empty());
}

INSTANTIATE_TEST_SUITE_P(Storages, ConnectorStoreTest, all_backends(), backend_name);

}  // namespace
}  // namespace walpulse::monitor::testing
