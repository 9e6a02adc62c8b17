#include <gtest/gtest.h>

#include "decoder/schema/event_json.h"
#include "tests/decoder/schema/event_reader.h"
#include "tests/decoder/schema/golden.h"
#include "tests/decoder/schema/sample_event.h"

namespace walpulse::schema {
namespace {

constexpr Oid kBytea{17};
constexpr Oid kFloat8{701};
constexpr Oid kVarchar{1043};
constexpr Oid kNumeric{1700};
constexpr Oid kEnum{16390};
constexpr Oid kTextArray{1009};

struct Contract {
  const char* name;
  void (*fill)(SampleEvent&);
};

void insert(SampleEvent& sample) {
  sample.id({}, value("812"))
      .after("created_at", kTimestamptzOid, value("2025-11-20 21:45:30.1012+00"))
      .after("pipeline_schedule_id", kInt4Oid, null())
      .after("pipeline_uuid", kVarchar, value("daily_sales"))
      .after("status", kEnum, value("INITIAL"))
      .after("passed_sla", kBoolOid, value("f"));
}

void update(SampleEvent& sample) {
  sample.event.operation = Operation::update;
  sample.event.position.ordinal = 2;
  sample.id({}, value("812"))
      .after("pipeline_uuid", kVarchar, value("daily_sales"))
      .after("status", kEnum, value("RUNNING"));
}

void remove(SampleEvent& sample) {
  sample.event.operation = Operation::remove;
  sample.id(value("812"), {})
      .column("status", kEnum, absent(), {})
      .column("started_at", kTimestamptzOid, absent(), {});
}

void truncate(SampleEvent& sample) {
  sample.event.operation = Operation::truncate;
  sample.event.restart_identity = true;
  sample.id({}, {}).column("status", kEnum, {}, {});
}

void read(SampleEvent& sample) {
  insert(sample);
  sample.event.operation = Operation::read;
  sample.event.position.ordinal = Position::kSnapshot;
  sample.event.lsn = sample.event.position.commit_lsn;
  sample.event.xid = Xid{};
}

void integers(SampleEvent& sample) {
  sample.id({}, value("-2147483648"))
      .after("small", kInt2Oid, value("32767"))
      .after("big", kInt8Oid, value("9223372036854775807"))
      .after("least", kInt8Oid, value("-9223372036854775808"))
      .after("zero", kInt8Oid, value("0"))
      .after("missing", kInt8Oid, null())
      .after("not_canonical", kInt8Oid, value("007"))
      .after("too_big", kInt8Oid, value("9223372036854775808"))
      .after("no_number", kInt8Oid, value(""));
}

void booleans(SampleEvent& sample) {
  sample.after("yes", kBoolOid, value("t"))
      .after("no", kBoolOid, value("f"))
      .after("unknown", kBoolOid, null())
      .after("neither", kBoolOid, value("maybe"));
}

void timestamptz(SampleEvent& sample) {
  sample.after("whole", kTimestamptzOid, value("2025-01-02 03:04:05+00"))
      .after("milli", kTimestamptzOid, value("2025-01-02 03:04:05.678+00"))
      .after("micro", kTimestamptzOid, value("2025-01-02 03:04:05.678901+00"))
      .after("east", kTimestamptzOid, value("2025-01-02 03:04:05.5+05:30"))
      .after("west", kTimestamptzOid, value("2024-12-31 23:59:59.999999-08"))
      .after("first", kTimestamptzOid, value("0001-01-01 00:00:00+00"))
      .after("last", kTimestamptzOid, value("9999-12-31 23:59:59.999999+00"))
      .after("late", kTimestamptzOid, value("10000-01-01 00:00:00+00"))
      .after("latest", kTimestamptzOid, value("294276-12-31 23:59:59.999999+00"))
      .after("bc", kTimestamptzOid, value("0044-03-15 12:00:00+00 BC"))
      .after("infinity", kTimestamptzOid, value("infinity"))
      .after("minus_infinity", kTimestamptzOid, value("-infinity"))
      .after("german", kTimestamptzOid, value("02.01.2025 03:04:05 \"UTC\""))
      .after("missing", kTimestamptzOid, null());
}

void numeric(SampleEvent& sample) {
  sample.after("nan", kNumeric, value("NaN"))
      .after("infinite", kNumeric, value("-Infinity"))
      .after("digits_38", kNumeric, value("12345678901234567890123456789.012345678"))
      .after("scale", kNumeric, value("1.10"));
}

void floats(SampleEvent& sample) {
  sample.after("third", kFloat8, value("0.3333333333333333"))
      .after("huge", kFloat8, value("1e+308"))
      .after("nan", kFloat8, value("NaN"))
      .after("infinite", kFloat8, value("Infinity"))
      .after("minus_zero", kFloat8, value("-0"));
}

void text(SampleEvent& sample) {
  sample.after("empty", kTextOid, value(""))
      .after("quotes", kTextOid, value("say \"hi\" \\ /"))
      .after("short_escapes", kTextOid, value("\b\f\n\r\t"))
      .after("control", kTextOid, value("\x01\x1f\x7f"))
      .after("umlaut", kTextOid,
             value("Gr\xC3\xBC\xC3\x9F"
                   "e"))
      .after("emoji", kTextOid, value("\xF0\x9F\x90\x98"))
      .after("separator", kTextOid, value("\xE2\x80\xA8"))
      .after("na\xC3\xAFve \"name\"", kTextOid, value("x"));
}

void bytea(SampleEvent& sample) {
  sample.after("bytes", kBytea, value("\\xdeadbeef00")).after("none", kBytea, value("\\x"));
}

void enumeration(SampleEvent& sample) {
  sample.after("status", kEnum, value("COMPLETED")).after("odd", kEnum, value("NEW, \"one\""));
}

void array(SampleEvent& sample) {
  sample.after("tags", kTextArray, value(R"({a,"b c",NULL,"q\"x"})"))
      .after("none", kTextArray, value("{}"));
}

void json(SampleEvent& sample) {
  sample.id({}, value("812"))
      .after("kept_home", kJsonOid, absent())
      .after("variables", kJsonOid, value("{\"partner\" : \"acme\",  \"n\":1.10}"))
      .after("binary", kJsonbOid, value("\"a scalar\""));
}

void not_utf8(SampleEvent& sample) {
  sample.id({}, value("812"))
      .after("latin1", kTextOid,
             value("Gr\xFC\xDF"
                   "e"))
      .after("cut", kTextOid, value("\xE2\x82"))
      .after("surrogate", kTextOid, value("\xED\xA0\x80"));
}

void unchanged_toast(SampleEvent& sample) {
  sample.event.operation = Operation::update;
  sample.id({}, value("812"))
      .after("variables", kTextOid, unchanged())
      .after("status", kEnum, value("RUNNING"))
      .after("metrics", kTextOid, unchanged());
}

void key_only_before(SampleEvent& sample) {
  sample.event.operation = Operation::update;
  sample.id(value("811"), value("812"))
      .column("pipeline_uuid", kVarchar, absent(), value("daily_sales"))
      .column("status", kEnum, absent(), null());
}

void changed_key_old(SampleEvent& sample) {
  sample.event.operation = Operation::remove;
  sample.event.key_left = true;
  sample.event.position.ordinal = 2;
  sample.id(value("1"), {}).column("status", kEnum, absent(), {});
}

void changed_key(SampleEvent& sample) {
  sample.event.position.ordinal = 2;
  sample.id({}, value("1000"))
      .after("variables", kTextOid, unchanged())
      .after("pipeline_uuid", kVarchar, value("daily_sales"))
      .after("status", kEnum, value("RUNNING"));
  sample.event.previous_key = {value("1"), absent(), absent(), absent()};
  sample.event.labels = {{"partner", "acme"}};
}

void replica_identity_full(SampleEvent& sample) {
  sample.event.operation = Operation::update;
  sample.id(value("812"), value("812"))
      .column("status", kEnum, value("RUNNING"), value("COMPLETED"))
      .column("completed_at", kTimestamptzOid, null(), value("2025-11-20 22:00:00+00"));
}

void labels(SampleEvent& sample) {
  insert(sample);
  sample.event.labels = {{"partner", "acme"}, {"team \"x\"", "Gr\xC3\xBCn"}, {"empty", ""}};
}

void dropped_columns(SampleEvent& sample) {
  sample.event.operation = Operation::update;
  sample.id(value("812"), value("812"))
      .column("variables", kTextOid, dropped(), dropped())
      .column("status", kEnum, value("RUNNING"), value("FAILED"))
      .column("metrics", kTextOid, null(), dropped())
      .column("event_variables", kTextOid, absent(), unchanged());
}

/// What leaves of a trigger: neither its token nor its variables.
SampleEvent& trigger(SampleEvent& sample, const char* status) {
  sample.table.name = "pipeline_schedule";
  return sample.id({}, value("49"))
      .after("created_at", kTimestamptzOid, value("2025-11-20 21:40:00.5+00"))
      .after("updated_at", kTimestamptzOid, value("2025-11-20 21:45:30.1012+00"))
      .after("name", kVarchar, value("daily sales at nine"))
      .after("pipeline_uuid", kVarchar, value("daily_sales"))
      .after("schedule_type", kEnum, value("TIME"))
      .after("start_time", kTimestamptzOid, value("2025-11-01 09:00:00+00"))
      .after("schedule_interval", kVarchar, value("0 9 * * *"))
      .after("status", kEnum, value(status))
      .after("variables", kJsonOid, absent())
      .after("sla", kInt4Oid, value("3600"))
      .after("token", kVarchar, absent())
      .after("settings", kJsonOid, value("{\"skip_if_previous_running\": true}"))
      .after("repo_path", kVarchar, null())
      .after("global_data_product_uuid", kVarchar, null())
      .after("description", kTextOid, null())
      .after("last_enabled_at", kTimestamptzOid, value("2025-11-20 21:45:30+00"));
}

/// What leaves of a block: not its metrics.
SampleEvent& block(SampleEvent& sample, const char* status, Cell started_at, Cell completed_at) {
  sample.table.name = "block_run";
  return sample.id({}, value("7001"))
      .after("created_at", kTimestamptzOid, value("2025-11-20 21:45:30.1012+00"))
      .after("updated_at", kTimestamptzOid, value("2025-11-20 21:45:32+00"))
      .after("pipeline_run_id", kInt4Oid, value("812"))
      .after("block_uuid", kVarchar, value("load_orders"))
      .after("status", kEnum, value(status))
      .after("completed_at", kTimestamptzOid, completed_at)
      .after("started_at", kTimestamptzOid, started_at)
      .after("metrics", kJsonOid, absent());
}

/// Of a delete under the default identity, a truncate: the key, or nothing.
void gone(SampleEvent& sample, const char* table, const char* id) {
  sample.table.name = table;
  sample.event.operation = id == nullptr ? Operation::truncate : Operation::remove;
  sample.id(id == nullptr ? std::optional<Cell>() : value(id), {});
  sample.column("status", kEnum, id == nullptr ? std::optional<Cell>() : absent(), {});
}

void as_read(SampleEvent& sample) {
  sample.event.operation = Operation::read;
  sample.event.position.ordinal = Position::kSnapshot;
  sample.event.lsn = sample.event.position.commit_lsn;
  sample.event.xid = Xid{};
}

void trigger_insert(SampleEvent& sample) { trigger(sample, "ACTIVE"); }
void trigger_update(SampleEvent& sample) {
  trigger(sample, "INACTIVE").event.operation = Operation::update;
}
void trigger_delete(SampleEvent& sample) { gone(sample, "pipeline_schedule", "49"); }
void trigger_truncate(SampleEvent& sample) { gone(sample, "pipeline_schedule", nullptr); }
void trigger_read(SampleEvent& sample) {
  trigger(sample, "ACTIVE");
  as_read(sample);
}

void block_insert(SampleEvent& sample) { block(sample, "INITIAL", null(), null()); }
void block_update(SampleEvent& sample) {
  sample.event.operation = Operation::update;
  block(sample, "COMPLETED", value("2025-11-20 21:45:31+00"), value("2025-11-20 21:45:32+00"));
}
void block_failed(SampleEvent& sample) {
  sample.event.operation = Operation::update;
  sample.event.error = "KeyError: 'caf\xC3\xA9 \"order_id\"'";
  block(sample, "FAILED", value("2025-11-20 21:45:31+00"), null());
}
void block_timed_out(SampleEvent& sample) {
  sample.event.operation = Operation::update;
  sample.event.error = "";
  block(sample, "FAILED", value("2025-11-20 21:45:31+00"), null());
}
void block_delete(SampleEvent& sample) { gone(sample, "block_run", "7001"); }
void block_truncate(SampleEvent& sample) { gone(sample, "block_run", nullptr); }
void block_read(SampleEvent& sample) {
  block(sample, "RUNNING", value("2025-11-20 21:45:31+00"), null());
  as_read(sample);
}

constexpr Contract kContracts[] = {
    {"insert", insert},
    {"update", update},
    {"delete", remove},
    {"truncate", truncate},
    {"read", read},
    {"integers", integers},
    {"booleans", booleans},
    {"timestamptz", timestamptz},
    {"numeric", numeric},
    {"floats", floats},
    {"text", text},
    {"bytea", bytea},
    {"enum", enumeration},
    {"array", array},
    {"json", json},
    {"not_utf8", not_utf8},
    {"unchanged_toast", unchanged_toast},
    {"key_only_before", key_only_before},
    {"changed_key_old", changed_key_old},
    {"changed_key", changed_key},
    {"replica_identity_full", replica_identity_full},
    {"labels", labels},
    {"dropped", dropped_columns},
    {"trigger_insert", trigger_insert},
    {"trigger_update", trigger_update},
    {"trigger_delete", trigger_delete},
    {"trigger_truncate", trigger_truncate},
    {"trigger_read", trigger_read},
    {"block_insert", block_insert},
    {"block_update", block_update},
    {"block_failed", block_failed},
    {"block_timed_out", block_timed_out},
    {"block_delete", block_delete},
    {"block_truncate", block_truncate},
    {"block_read", block_read},
};

class EventJsonGolden : public testing::TestWithParam<Contract> {};

TEST_P(EventJsonGolden, IsWrittenByteForByte) {
  SampleEvent sample;
  GetParam().fill(sample);
  expect_golden(GetParam().name, sample.json());
}

TEST_P(EventJsonGolden, IsTheSameReadAndWrittenAgain) {
  SampleEvent sample;
  GetParam().fill(sample);
  const Result<OwnedEvent> parsed = parse_event(sample.json());
  ASSERT_TRUE(parsed) << parsed.error().message;
  std::string again;
  append_json(**parsed, again);
  EXPECT_EQ(again, sample.json());
}

INSTANTIATE_TEST_SUITE_P(Contract, EventJsonGolden, testing::ValuesIn(kContracts),
                         [](const auto& contract) { return std::string(contract.param.name); });

}  // namespace
}  // namespace walpulse::schema
