#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "decoder/base/timestamp.h"
#include "decoder/base/type_oids.h"
#include "decoder/schema/event_json.h"
#include "decoder/schema/heartbeat.h"
#include "decoder/schema/message_attributes.h"
#include "monitor/ledger/application/message.h"

/// Messages as the connector would send them, written by the contract's own writer.
namespace walpulse::monitor::testing {

inline const Timestamp kBirth =
    std::chrono::sys_days(std::chrono::year(2026) / 11 / 20) + std::chrono::hours(10);
inline const auto kEpoch = static_cast<std::uint64_t>(
    std::chrono::duration_cast<std::chrono::seconds>(kBirth.time_since_epoch()).count() - 3600);

/// So many seconds after the ledger's birth.
inline Timestamp at(double seconds) {
  return kBirth + std::chrono::microseconds(static_cast<std::int64_t>(seconds * 1e6));
}

/// One change of one run. It is committed `when` seconds after the birth, at that LSN by default.
struct Change {
  schema::Operation op = schema::Operation::update;
  double when = 0;
  std::optional<std::string> status;
  std::int64_t id = 1;
  std::optional<Timestamp> created = at(1);
  std::optional<Timestamp> started;
  std::optional<Timestamp> completed;
  std::optional<Timestamp> execution;
  bool sla = false;
  std::optional<std::string> pipeline = "daily";
  std::optional<std::int64_t> schedule = 7;
  std::optional<std::int64_t> backfill;
  std::vector<schema::Label> labels;
  std::uint64_t lsn = 0;  ///< 0: by `when`.
  std::int64_t ordinal = 0;
  std::uint64_t epoch = kEpoch;
  std::string name = "mage";
  bool replay = false;
  /// An insert that carries on what had this id before: a changed key.
  std::optional<std::int64_t> previous;
};

inline std::uint64_t lsn_of(const Change& change) {
  return change.lsn != 0 ? change.lsn : 1'000'000 + static_cast<std::uint64_t>(change.when * 100);
}

/// PostgreSQL's own text.
inline std::string postgres_text(Timestamp instant) {
  std::string text = to_rfc3339(instant);
  text[text.find('T')] = ' ';
  text.replace(text.find('Z'), 1, "+00");
  return text;
}

class RowText {
 public:
  void add(std::string column, Oid type, const std::optional<std::string>& value,
           bool key = false) {
    table.columns.push_back({std::move(column), type, key});
    values.push_back(value);
  }
  schema::Row row() const {
    schema::Row row;
    for (const auto& value : values)
      row.push_back(value ? schema::Cell{schema::Cell::State::value, *value}
                          : schema::Cell{schema::Cell::State::null, {}});
    return row;
  }
  schema::Table table{Oid{16400}, "public", "pipeline_run", {}};
  std::vector<std::optional<std::string>> values;
};

inline ReceivedMessage message(const Change& change) {
  const auto time = [](const std::optional<Timestamp>& t) {
    return t ? std::optional(postgres_text(*t)) : std::nullopt;
  };
  const auto number = [](const std::optional<std::int64_t>& n) {
    return n ? std::optional(std::to_string(*n)) : std::nullopt;
  };
  RowText text;
  text.add("id", kInt4Oid, std::to_string(change.id), true);
  if (change.op != schema::Operation::remove) {
    text.add("created_at", kTimestamptzOid, time(change.created));
    text.add("pipeline_schedule_id", kInt4Oid, number(change.schedule));
    text.add("pipeline_uuid", kTextOid, change.pipeline);
    text.add("execution_date", kTimestamptzOid, time(change.execution));
    text.add("status", kTextOid, change.status);
    text.add("completed_at", kTimestamptzOid, time(change.completed));
    text.add("passed_sla", kBoolOid, change.sla ? "t" : "f");
    text.add("backfill_id", kInt4Oid, number(change.backfill));
    text.add("started_at", kTimestamptzOid, time(change.started));
  }
  const schema::Source source{change.name, "mage-db"};
  schema::ChangeEvent event;
  event.source = &source;
  event.table = &text.table;
  event.position = {
      change.epoch, Lsn{lsn_of(change)},
      change.op == schema::Operation::read ? schema::Position::kSnapshot : change.ordinal};
  event.lsn = event.position.commit_lsn;
  event.commit_time = at(change.when);
  event.operation = change.op;
  event.labels = change.labels;
  if (change.op == schema::Operation::remove) event.before = text.row();
  if (change.op != schema::Operation::remove && change.op != schema::Operation::truncate)
    event.after = text.row();
  const std::string previous = std::to_string(change.previous.value_or(0));
  if (change.previous) {
    event.previous_key.resize(text.table.columns.size());
    event.previous_key.front() = {schema::Cell::State::value, previous};
  }
  ReceivedMessage received;
  schema::append_json(event, received.data);
  received.attributes = schema::message_attributes(event, change.replay).read();
  received.message_id = schema::event_id(event) + (change.replay ? "/replay" : "");
  read_message(received);
  return received;
}

inline ReceivedMessage message(const schema::Heartbeat& heartbeat) {
  ReceivedMessage received{schema::to_json(heartbeat), schema::heartbeat_attributes(heartbeat),
                           heartbeat.instance + std::to_string(heartbeat.sequence)};
  read_message(received);
  return received;
}

/// Of an instance that published ten messages between two heartbeats.
inline schema::Heartbeat heartbeat(std::uint64_t sequence, double sent) {
  schema::Heartbeat beat;
  beat.name = "mage";
  beat.table = "public.pipeline_run";
  beat.epoch = kEpoch;
  beat.instance = "a";
  beat.started_at = at(1);
  beat.sent_at = at(sent);
  beat.confirmed_at = at(sent - 1);
  beat.sequence = sequence;
  beat.lag_bytes = 100 * sequence;
  beat.published_count = 10 * sequence;
  beat.publish_latency_bounds = {0.1, 1};
  beat.publish_latency_counts = {sequence, 0, 0};
  beat.publish_latency_sum = 0.05 * static_cast<double>(sequence);
  return beat;
}

/// What Mage writes for a run: each row holds what the one before it held.
class MageRun {
 public:
  explicit MageRun(std::int64_t id, double created, std::string pipeline = "daily") {
    row_.id = id;
    row_.created = at(created);
    row_.pipeline = std::move(pipeline);
  }
  Change& row() { return row_; }

  ReceivedMessage create(double when) { return put(schema::Operation::insert, when, "INITIAL"); }
  ReceivedMessage run(double when) {
    if (!row_.started) row_.started = at(when);
    return put(schema::Operation::update, when, "RUNNING");
  }
  ReceivedMessage complete(double when) {
    row_.completed = at(when);
    return put(schema::Operation::update, when, "COMPLETED");
  }
  ReceivedMessage fail(double when) { return put(schema::Operation::update, when, "FAILED"); }
  ReceivedMessage update(double when, std::string status) {
    return put(schema::Operation::update, when, std::move(status));
  }
  /// An update that changes nothing of interest.
  ReceivedMessage touch(double when) { return put(schema::Operation::update, when, *row_.status); }
  ReceivedMessage remove(double when) { return put(schema::Operation::remove, when, *row_.status); }
  ReceivedMessage read(double when) { return put(schema::Operation::read, when, *row_.status); }

 private:
  ReceivedMessage put(schema::Operation op, double when, std::string status) {
    row_.op = op;
    row_.when = when;
    row_.status = std::move(status);
    return message(row_);
  }
  Change row_;
};

inline ReceivedMessage truncate(double when) {
  Change change;
  change.op = schema::Operation::truncate;
  change.when = when;
  return message(change);
}

}  // namespace walpulse::monitor::testing
