#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "decoder/base/result.h"
#include "decoder/base/timestamp.h"
#include "decoder/base/types.h"
#include "decoder/schema/message_attributes.h"

namespace walpulse::schema {

/// What the holder of the slot says of itself every `--heartbeat` (10 s): that the pipe is alive
/// when the table is quiet, and the connector's metrics, so that one exporter writes everything.
/// Counters count from the instance's start: a reader adds differences per instance.
struct Heartbeat {
  enum class State : std::uint8_t { streaming, catching_up, parked, stopping };

  std::string name;   ///< The source's.
  std::string table;  ///< "public.pipeline_run".
  std::uint64_t epoch = 0;
  std::string instance;  ///< Unique per process.
  Timestamp started_at;
  Timestamp sent_at;
  std::uint64_t sequence = 0;  ///< From 1, within the instance.
  State state = State::streaming;
  Lsn confirmed;           ///< What the server was told is safe.
  Lsn server;              ///< The server's end of WAL as last heard.
  Timestamp confirmed_at;  ///< When `confirmed` was last known to be all there was, by the server's
                           ///< clock; Timestamp{} while unknown.
  std::uint64_t lag_bytes = 0;
  double lag_seconds = 0;
  std::uint64_t retained_wal_bytes = 0;
  std::int64_t safe_wal_bytes = -1;    ///< pg_replication_slots.safe_wal_size; -1 = unlimited.
  std::int64_t replay_wal_bytes = -1;  ///< WAL that the anchor slot holds; -1 = there is none.
  bool replay_anchor_lost = false;     ///< A replay window is wanted, its anchor missing or lost.
  std::uint64_t in_flight_bytes = 0;
  std::uint64_t published_count = 0;
  std::uint64_t retried_count = 0;
  std::uint64_t dropped_column_count = 0;
  /// Publish latency (request sent to acknowledged, seconds): ascending upper bounds and
  /// bounds.size() + 1 counts.
  std::vector<double> publish_latency_bounds;
  std::vector<std::uint64_t> publish_latency_counts;
  double publish_latency_sum = 0;
  // Which history the epoch belongs to, as an Introduction says it; zero and empty from a connector
  // that does not say.
  std::uint64_t system_identifier = 0;
  std::string database;
  std::string publication;
  std::vector<std::uint64_t> follows;
  // One stay on the slot. Two stays of one epoch that overlap, each from held_from to published,
  // prove that the log went back to an older state: connector/README.md.
  Lsn held_from;  ///< The server's end of WAL once this session held the slot; 0/0: unknown.
  Lsn published;  ///< The greatest commit_lsn that this session gave to the sink; 0/0: none yet.
  std::uint64_t session = 0;  ///< Counts the process's stays on the slot, from 1.

  bool operator==(const Heartbeat&) const = default;
};
std::string_view to_string(Heartbeat::State state);

std::string to_json(const Heartbeat& heartbeat);
Result<Heartbeat> parse_heartbeat(std::string_view json);
/// CloudEvents attributes with `ce-type: walpulse.heartbeat`, and `table schema_version`.
Attributes heartbeat_attributes(const Heartbeat& heartbeat);
/// "heartbeat/<name>": a key of its own, so that it waits for no run.
std::string heartbeat_ordering_key(const Heartbeat& heartbeat);

}  // namespace walpulse::schema
