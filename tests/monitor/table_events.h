#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "decoder/schema/snapshot_end.h"
#include "tests/monitor/ledger_events.h"

/// Changes of triggers and of blocks as the connector would send them.
namespace walpulse::monitor::testing {

/// One change of one row of any table. It is committed `when` seconds after the birth, at that LSN
/// by default. Of a column without a value the row holds NULL.
struct TableChange {
  std::string table;
  schema::Operation op = schema::Operation::insert;
  double when = 0;
  std::int64_t id = 1;
  std::vector<std::pair<std::string, std::optional<std::string>>> columns;
  std::vector<std::string> unchanged;
  std::optional<std::string> error;
  std::uint64_t lsn = 0;  ///< 0: by `when`.
  std::int64_t ordinal = 0;
  std::uint64_t epoch = kEpoch;
  std::string name = "mage";
  bool replay = false;
};

inline ReceivedMessage message(const TableChange& change) {
  RowText text;
  text.table.name = change.table;
  text.add("id", kInt4Oid, std::to_string(change.id), true);
  const bool ends =
      change.op == schema::Operation::remove || change.op == schema::Operation::truncate;
  if (!ends) {
    for (const auto& [column, value] : change.columns) {
      const bool number = column == "pipeline_run_id" || column == "sla";
      text.add(column, number ? kInt4Oid : kTextOid, value);
    }
    for (const std::string& column : change.unchanged) text.add(column, kTextOid, std::nullopt);
  }
  const schema::Source source{change.name, "mage-db"};
  schema::ChangeEvent event;
  event.source = &source;
  event.table = &text.table;
  Change place;
  place.when = change.when;
  place.lsn = change.lsn;
  event.position = {
      change.epoch, Lsn{lsn_of(place)},
      change.op == schema::Operation::read ? schema::Position::kSnapshot : change.ordinal};
  event.lsn = event.position.commit_lsn;
  event.commit_time = at(change.when);
  event.operation = change.op;
  if (change.op == schema::Operation::remove) event.before = text.row();
  if (!ends) {
    event.after = text.row();
    for (std::size_t i = 0; i < change.unchanged.size(); ++i)
      event.after[event.after.size() - 1 - i] = {schema::Cell::State::unchanged, {}};
  }
  ReceivedMessage received;
  schema::append_json(event, received.data);
  if (change.error) {
    received.data.pop_back();
    received.data += ",\"error\":\"" + *change.error + "\"}";
  }
  received.attributes = schema::message_attributes(event, change.replay).read();
  received.message_id = schema::event_id(event) + (change.replay ? "/replay" : "");
  read_message(received);
  return received;
}

/// A block of a run as Mage writes it.
struct Block {
  std::int64_t id = 1;
  std::int64_t run = 1;
  std::string uuid = "load";
  std::optional<double> started = std::nullopt;    ///< Seconds after the birth, ...
  std::optional<double> completed = std::nullopt;  ///< ... as `when` is.

  ReceivedMessage put(schema::Operation op, double when, const std::string& status,
                      std::optional<std::string> error = std::nullopt) const {
    TableChange change;
    change.table = "block_run";
    change.op = op;
    change.when = when;
    change.id = id;
    change.columns = {{"pipeline_run_id", std::to_string(run)},
                      {"block_uuid", uuid},
                      {"status", status},
                      {"started_at", instant(started)},
                      {"completed_at", instant(completed)}};
    change.error = std::move(error);
    return message(change);
  }
  ReceivedMessage create(double when) const {
    return put(schema::Operation::insert, when, "INITIAL");
  }
  ReceivedMessage update(double when, const std::string& status,
                         std::optional<std::string> error = std::nullopt) const {
    return put(schema::Operation::update, when, status, std::move(error));
  }
  ReceivedMessage remove(double when) const { return put(schema::Operation::remove, when, ""); }
  ReceivedMessage read(double when, const std::string& status) const {
    return put(schema::Operation::read, when, status);
  }

 private:
  static std::optional<std::string> instant(const std::optional<double>& seconds) {
    return seconds ? std::optional(postgres_text(at(*seconds))) : std::nullopt;
  }
};

/// A trigger.
struct Trigger {
  std::int64_t id = 1;
  std::string name = "nightly";

  ReceivedMessage put(schema::Operation op, double when, const std::string& status = "ACTIVE",
                      bool settings_unchanged = false) const {
    TableChange change;
    change.table = "pipeline_schedule";
    change.op = op;
    change.when = when;
    change.id = id;
    change.columns = {{"name", name},
                      {"pipeline_uuid", "daily"},
                      {"schedule_type", "TIME"},
                      {"schedule_interval", "@hourly"},
                      {"status", status},
                      {"sla", "60"}};
    if (settings_unchanged) {
      change.unchanged = {"settings"};
    } else {
      change.columns.emplace_back("settings", "{\"timeout\": " + std::to_string(when) + "}");
    }
    return message(change);
  }
  ReceivedMessage create(double when) const { return put(schema::Operation::insert, when); }
  ReceivedMessage update(double when, const std::string& status) const {
    return put(schema::Operation::update, when, status);
  }
  ReceivedMessage remove(double when) const { return put(schema::Operation::remove, when); }
  ReceivedMessage read(double when, const std::string& status = "ACTIVE") const {
    return put(schema::Operation::read, when, status);
  }
};

inline ReceivedMessage truncate(const std::string& table, double when) {
  TableChange change;
  change.table = table;
  change.op = schema::Operation::truncate;
  change.when = when;
  return message(change);
}

/// Of a snapshot of the whole table, or of a range of ids.
inline ReceivedMessage snapshot_end(const std::string& table, double when, std::uint64_t rows,
                                    std::optional<std::int64_t> from = std::nullopt,
                                    std::optional<std::int64_t> to = std::nullopt) {
  Change place;
  place.when = when;
  const schema::SnapshotEnd end{"mage", "public", table, kEpoch,  Lsn{lsn_of(place)},
                                from,   to,       rows,  at(when)};
  const auto attributes = schema::snapshot_end_attributes(end);
  ReceivedMessage received{schema::to_json(end), attributes, std::string(attributes.find("ce-id"))};
  read_message(received);
  return received;
}

}  // namespace walpulse::monitor::testing
