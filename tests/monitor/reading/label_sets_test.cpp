#include "monitor/reading/label_sets.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "monitor/ledger/timeline/label_bytes.h"

namespace walpulse::monitor::reading {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::SizeIs;

RunEnd end_with(const telemetry::Labels& labels) {
  RunEnd end;
  if (!labels.empty()) end.labels = encode_labels(labels);
  return end;
}

TEST(LabelSets, EachSetIsKeptOnce) {
  const std::vector<RunEnd> ends = {end_with({{"partner", "acme"}}), end_with({}),
                                    end_with({{"partner", "acme"}}),
                                    end_with({{"partner", "globex"}, {"region", "eu"}})};
  const auto sets = with_labels(nullptr, ends);
  ASSERT_TRUE(sets);
  EXPECT_THAT(*sets, SizeIs(2));
  EXPECT_EQ(with_labels(sets, ends), sets) << "nothing new: the same object";
  EXPECT_EQ(with_labels(nullptr, std::vector<RunEnd>{end_with({})}), nullptr);
}

TEST(LabelSets, ManyValuesAreNotKeptWithoutEnd) {
  std::vector<RunEnd> ends;
  for (std::size_t i = 0; i < kLabelSetsMax + 10; ++i)
    ends.push_back(end_with({{"run", std::to_string(i)}}));
  EXPECT_THAT(*with_labels(nullptr, ends), SizeIs(kLabelSetsMax));
}

TEST(LabelSets, ATextFindsNamesAndValues) {
  const auto sets =
      with_labels(nullptr, std::vector<RunEnd>{end_with({{"partner", "ACME"}, {"region", "eu"}}),
                                               end_with({{"partner", "ACME"}, {"region", "us"}})});
  EXPECT_THAT(labels_with(sets.get(), "acme", 9), ElementsAre(Pair("partner", "ACME")));
  EXPECT_THAT(labels_with(sets.get(), "region=U", 9), ElementsAre(Pair("region", "us")));
  EXPECT_THAT(labels_with(sets.get(), "region", 1), SizeIs(1));
  EXPECT_THAT(labels_with(sets.get(), "nobody", 9), IsEmpty());
  EXPECT_THAT(labels_with(nullptr, "acme", 9), IsEmpty());
}

TEST(LabelSets, LabelsThatAreAskedForTogetherAreOfOneRun) {
  const auto sets = with_labels(
      nullptr, std::vector<RunEnd>{end_with({{"partner", "acme"}, {"region", "eu"}}),
                                   end_with({{"partner", "globex"}, {"region", "us"}})});
  EXPECT_TRUE(has_set(sets.get(), {{"partner", "acme"}, {"region", "eu"}}));
  EXPECT_FALSE(has_set(sets.get(), {{"partner", "acme"}, {"region", "us"}}));
  EXPECT_FALSE(has_set(nullptr, {{"partner", "acme"}}));
}

}  // namespace
}  // namespace walpulse::monitor::reading
