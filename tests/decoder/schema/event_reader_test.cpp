#include <gtest/gtest.h>

#include "tests/decoder/schema/event_reader.h"
#include "tests/decoder/schema/sample_event.h"

namespace walpulse::schema {
namespace {

std::string sample_json() {
  SampleEvent sample;
  sample.event.operation = Operation::update;
  sample.event.position.ordinal = 3;
  sample.event.labels = {{"partner", "acme"}};
  sample.id(value("811"), value("812"))
      .column("variables", kTextOid, absent(), unchanged())
      .column("passed_sla", kBoolOid, absent(), value("t"))
      .column("note", kTextOid, absent(), value("a\nb"))
      .column("raw", kTextOid, absent(), value("\xFF"));
  return sample.json();
}

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

TEST(EventJsonReader, ReadsEveryField) {
  const Result<OwnedEvent> parsed = parse_event(sample_json());
  ASSERT_TRUE(parsed) << parsed.error().message;
  const ChangeEvent& event = **parsed;
  EXPECT_EQ(event.source->name, "mage");
  EXPECT_EQ(event.source->database, "mage-db");
  EXPECT_EQ(qualified_name(*event.table), "public.pipeline_run");
  EXPECT_EQ(event.operation, Operation::update);
  EXPECT_EQ(event.position, (Position{1763600000, Lsn{24023200}, 3}));
  EXPECT_EQ(event.lsn, Lsn{24023128});
  EXPECT_EQ(event.xid, Xid{771});
  EXPECT_EQ(event.commit_time.time_since_epoch().count(), 1763676332907123);
  EXPECT_EQ(event.labels, (std::vector<Label>{{"partner", "acme"}}));
}

TEST(EventJsonReader, GivesCellsTheirStatesAndTypes) {
  const Result<OwnedEvent> parsed = parse_event(sample_json());
  ASSERT_TRUE(parsed) << parsed.error().message;
  const Table& table = *(*parsed)->table;
  const Row& after = (*parsed)->after;
  // Where nothing says how unchanged columns stand to the others, they come last.
  ASSERT_EQ(table.columns.size(), 5u);
  EXPECT_EQ(table.columns[0], (Table::Column{"id", kInt8Oid, false}));
  EXPECT_EQ(table.columns[1], (Table::Column{"passed_sla", kBoolOid, false}));
  EXPECT_EQ(table.columns[4], (Table::Column{"variables", kTextOid, false}));
  EXPECT_EQ(after, (Row{value("812"), value("t"), value("a\nb"), value("\xFF"), unchanged()}));
  EXPECT_EQ((*parsed)->before, (Row{value("811"), absent(), absent(), absent(), absent()}));
}

TEST(EventJsonReader, MovesWithoutLosingItsText) {
  Result<OwnedEvent> parsed = parse_event(sample_json());
  ASSERT_TRUE(parsed);
  OwnedEvent moved = *std::move(parsed);
  OwnedEvent target;
  target = std::move(moved);
  std::string json;
  append_json(*target, json);
  EXPECT_EQ(json, sample_json());
}

TEST(EventJsonReader, IgnoresFieldsOfANewerWriter) {
  const std::string newer =
      replaced(replaced(sample_json(), "\"op\"", "\"new\":[{\"x\":1.5}],\"op\""), "\"db\"",
               "\"n\":{},\"db\"");
  const Result<OwnedEvent> parsed = parse_event(newer);
  ASSERT_TRUE(parsed) << parsed.error().message;
  std::string json;
  append_json(**parsed, json);
  EXPECT_EQ(json, sample_json());
}

TEST(EventJsonReader, RefusesWhatIsNoEvent) {
  const std::string good = sample_json();
  const std::string cases[] = {"",
                               "null",
                               "[]",
                               "{}",
                               good + "x",
                               good.substr(0, good.size() - 1),
                               replaced(good, "\"op\":\"u\"", "\"op\":\"x\""),
                               replaced(good, "\"op\":\"u\"", "\"op\":\"\""),
                               replaced(good, "\"op\":\"u\"", "\"op\":\"d\""),
                               replaced(good, "\"op\":\"u\"", "\"op\":1"),
                               replaced(good, "\"name\"", "\"game\""),
                               replaced(good, "\"db\"", "\"bd\""),
                               replaced(good, "\"schema\"", "\"s\""),
                               replaced(good, "\"table\"", "\"t\""),
                               replaced(good, "\"ts_us\"", "\"t\""),
                               replaced(good, "\"lsn\"", "\"l\""),
                               replaced(good, "\"commit_lsn\"", "\"l\""),
                               replaced(good, "\"epoch\"", "\"e\""),
                               replaced(good, "\"ordinal\":3", "\"ordinal\":-1"),
                               replaced(good, "\"ordinal\"", "\"o\""),
                               replaced(good, "\"txId\":771", "\"txId\":4294967296"),
                               replaced(good, "\"txId\"", "\"x\""),
                               replaced(good, "\"epoch\":1", "\"epoch\":-1"),
                               replaced(good, ":812", ":8.12"),
                               replaced(good, "\"base64\":\"/w==\"", "\"base64\":\"/w\""),
                               replaced(good, "\"base64\"", "\"base65\""),
                               replaced(good, ":812", ":[812]")};
  for (const std::string& json : cases) {
    const Result<OwnedEvent> parsed = parse_event(json);
    ASSERT_FALSE(parsed) << json;
    EXPECT_EQ(parsed.error().kind, ErrorKind::malformed);
  }
}

TEST(EventJsonReader, NeverQuotesThePayload) {
  const Result<OwnedEvent> parsed = parse_event(R"({"op":"u","after":{"token":secret}})");
  ASSERT_FALSE(parsed);
  EXPECT_EQ(parsed.error().message.find("secret"), std::string::npos) << parsed.error().message;
}

TEST(EventJsonReader, RefusesMoreColumnsThanATableCanHave) {
  std::string row = "{";
  for (int i = 0; i < 1601; ++i) row += "\"c" + std::to_string(i) + "\":null,";
  row.back() = '}';
  EXPECT_FALSE(parse_event("{\"op\":\"c\",\"after\":" + row + "}"));
}

}  // namespace
}  // namespace walpulse::schema
