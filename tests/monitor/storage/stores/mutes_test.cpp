#include <vector>

#include "tests/monitor/storage/store_fixture.h"

namespace walpulse::monitor::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class MuteStoreTest : public StoreTest {
 protected:
  static Mute mute(const std::string& pipeline) {
    Mute made;
    made.pipeline = pipeline;
    made.reason = "vendor is down";
    made.created_by = "ana@example.com";
    made.created = at(1);
    return made;
  }
  std::int64_t save(const Mute& mute) {
    return writing([&](Transaction& in) { return in.mutes().save(mute); });
  }
  std::vector<Mute> in_force(double now) {
    return reading([&](Transaction& in) { return in.mutes().in_force(at(now)); });
  }
  std::vector<Mute> all(std::size_t count_max = 10) {
    return reading([&](Transaction& in) { return in.mutes().all(count_max); });
  }
};

TEST_P(MuteStoreTest, KeepsAllOfAMute) {
  Mute whole = mute("sync_*");
  whole.source = "mage";
  whole.labels = {{"partner", "a\0\"\n"}, {"zone", ""}};
  whole.problem = 812;
  whole.reason = "it's; \"down\" \xE2\x82\xAC";
  whole.until = at(60);
  whole.ended = at(30);
  whole.ended_by = "recovered";
  whole.id = save(whole);
  EXPECT_GT(whole.id, 0);
  EXPECT_THAT(all(), ElementsAre(whole));
  Mute plain = mute("daily");
  plain.id = save(plain);
  EXPECT_GT(plain.id, whole.id);
  EXPECT_THAT(all(), ElementsAre(plain, whole));
  EXPECT_THAT(all(1), ElementsAre(plain));
  EXPECT_THAT(all(0), IsEmpty());
}

TEST_P(MuteStoreTest, ThoseInForceHaveNeitherEndedNorRunOut) {
  Mute for_ever = mute("a"), for_a_while = mute("b"), lifted = mute("c");
  for_a_while.until = at(60);
  lifted.ended = at(2);
  for_ever.id = save(for_ever);
  for_a_while.id = save(for_a_while);
  save(lifted);
  EXPECT_THAT(in_force(59), ElementsAre(for_a_while, for_ever));
  EXPECT_THAT(in_force(60), ElementsAre(for_ever));
}

TEST_P(MuteStoreTest, WhoeverEndedOneFirstHasEndedIt) {
  Mute kept = mute("a");
  kept.id = save(kept);
  Mute changed = kept;
  changed.pipeline = "another";  // what it mutes does not change
  changed.until = kept.until = at(90);
  changed.reason = kept.reason = "still down";
  EXPECT_EQ(save(changed), kept.id);
  EXPECT_THAT(all(), ElementsAre(kept));
  kept.ended = at(40);
  kept.ended_by = "ana@example.com";
  save(kept);
  Mute again = kept;
  again.ended = at(50);
  again.ended_by = "ran out";
  save(again);
  EXPECT_THAT(all(), ElementsAre(kept));
  again.ended.reset();
  save(again);
  EXPECT_THAT(all(), ElementsAre(kept));
  EXPECT_THAT(in_force(0), IsEmpty());
}

TEST_P(MuteStoreTest, ForgetsWhatIsRolledBack) {
  rolled_back([](Transaction& in) { in.mutes().save(mute("a")); });
  EXPECT_THAT(all(), IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(Storages, MuteStoreTest, all_backends(), backend_name);

}  // namespace
}  // namespace walpulse::monitor::testing
