#include <algorithm>
#include <vector>

#include "monitor/ledger/counting/metric_descriptors.h"
#include "tests/monitor/storage/store_fixture.h"

namespace walpulse::monitor::testing {
namespace {

class SeriesStoreTest : public StoreTest {
 protected:
  static SeriesKey key(const std::string& pipeline) {
    return {&metric_descriptors().created_count, "mage", {{"pipeline", pipeline}}};
  }
  /// As it stands now.
  Series load(const SeriesKey& of) {
    return writing([&](Transaction& in) { return in.series().load(std::span(&of, 1)); }).at(0);
  }
  Series save(Series series) {
    return writing([&](Transaction& in) {
      in.series().save(std::span(&series, 1));
      return series;
    });
  }
  Series made(const std::string& pipeline, std::int64_t value) {
    Series series;
    series.key = key(pipeline);
    series.value = value;
    series.start = at(1);
    series.version = 1;
    return save(series);
  }
  std::vector<Series> all() {
    return reading([](Transaction& in) { return in.series().all(); });
  }
};

TEST_P(SeriesStoreTest, GivesAnIdToWhatIsNew) {
  EXPECT_EQ(load(key("daily")).id, 0);
  const Series saved = made("daily", 3);
  EXPECT_NE(saved.id, 0);
  const Series loaded = load(key("daily"));
  EXPECT_EQ(loaded.id, saved.id);
  EXPECT_EQ(loaded.key, key("daily"));
  EXPECT_EQ(loaded.value, telemetry::Number(std::int64_t{3}));
  EXPECT_EQ(loaded.start, at(1));
  EXPECT_EQ(loaded.version, 1u);
}

TEST_P(SeriesStoreTest, TellsThoseOfOneMetric) {
  made("a", 1);
  made("b", 2);
  for (const telemetry::Descriptor* other :
       {&metric_descriptors().active, &metric_descriptors().started_count}) {
    Series series;
    series.key = {other, "mage", {{"pipeline", "a"}}};
    series.value = std::int64_t{7};
    series.version = 1;
    save(series);
  }
  auto found =
      reading([](Transaction& in) { return in.series().of(metric_descriptors().created_count); });
  std::ranges::sort(found, {}, &Series::key);
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[0].key, key("a"));
  EXPECT_EQ(found[1].key, key("b"));
  EXPECT_EQ(found[1].value, telemetry::Number(std::int64_t{2}));
  EXPECT_TRUE(reading([](Transaction& in) {
                return in.series().of(metric_descriptors().duration);
              }).empty());
}

TEST_P(SeriesStoreTest, LoadsInTheOrderOfTheKeys) {
  made("b", 2);
  made("c", 3);
  const std::vector<SeriesKey> keys{key("a"), key("b"), key("c")};
  const auto found = writing([&](Transaction& in) { return in.series().load(keys); });
  ASSERT_EQ(found.size(), 3u);
  for (std::size_t i = 0; i < keys.size(); ++i) EXPECT_EQ(found[i].key, keys[i]);
  EXPECT_EQ(found[0].id, 0);
  EXPECT_EQ(found[2].value, telemetry::Number(std::int64_t{3}));
}

TEST_P(SeriesStoreTest, WhatWasOnlyLoadedLeavesNothing) {
  load(key("daily"));
  EXPECT_TRUE(all().empty());
}

TEST_P(SeriesStoreTest, ForgetsWhatIsRolledBack) {
  rolled_back([&](Transaction& in) {
    Series series;
    series.key = key("daily");
    series.version = 1;
    in.series().save(std::span(&series, 1));
  });
  EXPECT_TRUE(all().empty());
}

TEST_P(SeriesStoreTest, ASaveLeavesWhatWasExported) {
  Series series = made("daily", 3);
  const ExportMark mark{series.id, 1, at(50)};
  writing([&](Transaction& in) {
    in.series().mark_exported(std::span(&mark, 1));
    return true;
  });
  series.value = std::int64_t{4};
  series.version = 2;
  series.exported_version = 77;
  save(series);
  const Series now = load(key("daily"));
  EXPECT_EQ(now.value, telemetry::Number(std::int64_t{4}));
  EXPECT_EQ(now.version, 2u);
  EXPECT_EQ(now.exported_version, 1u);
  EXPECT_EQ(now.exported_at, at(50));
}

TEST_P(SeriesStoreTest, RemovedOnesAreNew) {
  const Series first = made("a", 1);
  made("b", 2);
  writing([&](Transaction& in) {
    in.series().remove(std::span(&first.id, 1));
    return true;
  });
  ASSERT_EQ(all().size(), 1u);
  EXPECT_EQ(all()[0].key, key("b"));
  EXPECT_EQ(load(key("a")).id, 0);
}

INSTANTIATE_TEST_SUITE_P(Storages, SeriesStoreTest, all_backends(), backend_name);

}  // namespace
}  // namespace walpulse::monitor::testing
