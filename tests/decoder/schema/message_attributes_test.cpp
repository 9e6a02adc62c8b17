#include "decoder/schema/message_attributes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "tests/decoder/schema/sample_event.h"

namespace walpulse::schema {
namespace {

using testing::ElementsAre;
using testing::Pair;

constexpr Oid kVarchar{1043};

struct RunEvent : SampleEvent {
  RunEvent() {
    id({}, value("812"));
    after("pipeline_uuid", kVarchar, value("daily_sales"));
    after("status", kTextOid, value("RUNNING"));
  }
};

std::string attribute(const AttributesJson& attributes, std::string_view name) {
  for (const auto& [key, text] : attributes.read()) {
    if (key == name) return std::string(text);
  }
  return "(none)";
}

TEST(MessageAttributes, AreCloudEventsThenOursThenTheLabels) {
  RunEvent run;
  run.event.labels = {{"partner", "acme"}};
  EXPECT_THAT(
      message_attributes(run.event, false).read(),
      ElementsAre(Pair("ce-specversion", "1.0"),
                  Pair("ce-id", "mage/public.pipeline_run/1763600000/24023200/0"),
                  Pair("ce-source", "/walpulse/mage"), Pair("ce-type", "walpulse.change"),
                  Pair("ce-time", "2025-11-20T22:05:32.907123Z"),
                  Pair("ce-subject", "public.pipeline_run/812"),
                  Pair("content-type", "application/json"), Pair("op", "c"),
                  Pair("table", "public.pipeline_run"), Pair("pipeline_uuid", "daily_sales"),
                  Pair("status", "RUNNING"), Pair("schema_version", "1"), Pair("replay", "false"),
                  Pair("partner", "acme")));
}

TEST(MessageAttributes, SayWhenTheyAreReplayed) {
  EXPECT_EQ(attribute(message_attributes(RunEvent().event, true), "replay"), "true");
}

TEST(MessageAttributes, LeaveOutWhatTheRowDoesNotHold) {
  RunEvent run;
  run.event.after[1] = unchanged();
  run.event.after[2] = null();
  const AttributesJson attributes = message_attributes(run.event, false);
  EXPECT_EQ(attribute(attributes, "pipeline_uuid"), "(none)");
  EXPECT_EQ(attribute(attributes, "status"), "(none)");
}

TEST(MessageAttributes, OfDeletesTellTheOldRow) {
  RunEvent run;
  run.event.operation = Operation::remove;
  run.event.before.swap(run.event.after);
  EXPECT_EQ(attribute(message_attributes(run.event, false), "status"), "RUNNING");
  EXPECT_EQ(attribute(message_attributes(run.event, false), "ce-subject"),
            "public.pipeline_run/812");
}

TEST(MessageAttributes, OfTruncatesHaveTheTableAsSubject) {
  SampleEvent sample;
  sample.event.operation = Operation::truncate;
  sample.id({}, {});
  EXPECT_EQ(attribute(message_attributes(sample.event, false), "ce-subject"),
            "public.pipeline_run");
}

TEST(MessageAttributes, CutLongValuesAtACharacter) {
  RunEvent run;
  std::string name(1'023, 'x');
  name += "\xC3\xBC";
  run.event.after[1] = value(name);
  EXPECT_EQ(attribute(message_attributes(run.event, false), "pipeline_uuid"),
            std::string(1'023, 'x'));
}

TEST(MessageAttributes, LeaveOutValuesThatAreNotUtf8) {
  RunEvent run;
  run.event.after[1] = value("\xFF");
  EXPECT_EQ(attribute(message_attributes(run.event, false), "pipeline_uuid"), "(none)");
}

TEST(MessageAttributes, KeepTheEndOfALongId) {
  RunEvent run;
  run.source.name = std::string(2'000, 'n');
  const std::string id = attribute(message_attributes(run.event, false), "ce-id");
  EXPECT_EQ(id.size(), 1'024u);
  EXPECT_TRUE(id.ends_with("n/public.pipeline_run/1763600000/24023200/0"));
}

TEST(MessageAttributes, ReserveEveryNameTheyUse) {
  RunEvent run;
  for (const auto& [name, text] : message_attributes(run.event, false).read()) {
    EXPECT_TRUE(is_reserved_attribute(name)) << name;
  }
  EXPECT_TRUE(is_reserved_attribute("googclient_x"));
  EXPECT_FALSE(is_reserved_attribute("partner"));
}

TEST(MessageAttributes, ReserveTheLabelsThatMetricsHaveAlready) {
  for (const char* name : {"source", "le", "pipeline", "trigger", "status"}) {
    EXPECT_TRUE(is_reserved_attribute(name)) << name;
  }
}

TEST(OrderingKey, IsOneOfABoundedSetForEachRun) {
  std::set<std::string> keys;
  for (int id = 0; id < 1'000; ++id) {
    const std::string text = std::to_string(id);
    SampleEvent sample;
    sample.id({}, value(text));
    keys.insert(ordering_key(sample.event, 64));
  }
  EXPECT_EQ(keys.size(), 64u);
  EXPECT_TRUE(keys.contains("public.pipeline_run/0"));
  EXPECT_TRUE(keys.contains("public.pipeline_run/63"));
}

TEST(OrderingKey, NeverChangesFromReleaseToRelease) {
  EXPECT_EQ(ordering_key(RunEvent().event, 64), "public.pipeline_run/16");
}

TEST(OrderingKey, OfAChangedKeyIsThatOfTheOldOne) {
  SampleEvent first;
  first.id({}, value("811"));
  SampleEvent changed;
  changed.id(value("811"), value("812"));
  EXPECT_EQ(ordering_key(changed.event, 64), ordering_key(first.event, 64));
}

TEST(OrderingKey, IsThatOfTheOrderColumnWhereTheRowHoldsIt) {
  const auto key_of = [](const char* id, const char* run, Operation operation) {
    SampleEvent sample;
    sample.table.name = "block_run";
    sample.event.operation = operation;
    sample.id({}, value(id)).after("pipeline_run_id", kInt4Oid, value(run));
    order_by(sample.table, "pipeline_run_id");
    if (operation == Operation::remove) {
      sample.event.before.swap(sample.event.after);
      sample.event.before[1] = absent();
    }
    return ordering_key(sample.event, 1u << 16);
  };
  EXPECT_EQ(key_of("1", "812", Operation::insert), key_of("2", "812", Operation::update));
  EXPECT_NE(key_of("1", "812", Operation::insert), key_of("1", "813", Operation::insert));
  EXPECT_EQ(key_of("1", "812", Operation::remove), key_of("1", "813", Operation::remove))
      << "a delete says only the block's own id";
}

TEST(OrderingKey, IsThePrimaryKeysWhereTheOrderColumnIsMissing) {
  RunEvent run;
  order_by(run.table, "pipeline_run_id");
  EXPECT_EQ(ordering_key(run.event, 64), "public.pipeline_run/16");
}

TEST(OrderingKey, IsEmptyWhereNoneIsAskedFor) { EXPECT_EQ(ordering_key(RunEvent().event, 0), ""); }

TEST(CutUtf8, KeepsWholeCharacters) {
  EXPECT_EQ(cut_utf8("abc", 3), "abc");
  EXPECT_EQ(cut_utf8("abc", 2), "ab");
  EXPECT_EQ(cut_utf8("a\xE2\x82\xAC", 4), "a\xE2\x82\xAC");
  EXPECT_EQ(cut_utf8("a\xE2\x82\xAC", 3), "a");
  EXPECT_EQ(cut_utf8("a\xE2\x82\xAC", 2), "a");
  EXPECT_EQ(cut_utf8("\xF0\x9F\x90\x98", 3), "");
  EXPECT_EQ(cut_utf8("abc", 0), "");
}

}  // namespace
}  // namespace walpulse::schema
