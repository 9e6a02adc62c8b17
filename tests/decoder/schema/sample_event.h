#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "decoder/base/type_oids.h"
#include "decoder/schema/change_event.h"
#include "decoder/schema/event_json.h"

namespace walpulse::schema {

inline Cell value(std::string_view text) { return {Cell::State::value, text}; }
inline Cell null() { return {Cell::State::null, {}}; }
inline Cell unchanged() { return {Cell::State::unchanged, {}}; }
inline Cell absent() { return {Cell::State::absent, {}}; }
inline Cell dropped() { return {Cell::State::dropped, {}}; }

/// An insert into public.pipeline_run without columns, to be made what a test needs.
struct SampleEvent {
  SampleEvent() {
    event.source = &source;
    event.table = &table;
    event.position = {1763600000, Lsn{24023200}, 0};
    event.lsn = Lsn{24023128};
    event.xid = Xid{771};
    event.commit_time = Timestamp{std::chrono::microseconds{1763676332907123}};
  }
  SampleEvent(const SampleEvent&) = delete;
  SampleEvent& operator=(const SampleEvent&) = delete;

  /// A column and its cells in the rows that the event has.
  SampleEvent& column(std::string name, Oid type, std::optional<Cell> before,
                      std::optional<Cell> after, bool key = false) {
    table.columns.push_back({std::move(name), type, key});
    if (before) event.before.push_back(*before);
    if (after) event.after.push_back(*after);
    return *this;
  }
  SampleEvent& id(std::optional<Cell> before, std::optional<Cell> after) {
    return column("id", kInt4Oid, before, after, true);
  }
  SampleEvent& after(std::string name, Oid type, Cell cell) {
    return column(std::move(name), type, std::nullopt, cell);
  }

  std::string json() const {
    std::string out;
    append_json(event, out);
    return out;
  }

  Source source{"mage", "mage-db"};
  Table table{Oid{16384}, "public", "pipeline_run", {}};
  ChangeEvent event;
};

}  // namespace walpulse::schema
