#pragma once

#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "connector/stream/wal_source.h"
#include "publisher/delivery/publisher.h"

namespace walpulse::connector {

struct StreamStatus {
  enum class State : std::uint8_t { starting, connecting, standby, streaming, parked, stopping };

  State state = State::starting;
  Clock::time_point state_since{};
  /// The last message or reply of the walsender; while the sink holds the stream back, the last
  /// time it took a message.
  Clock::time_point progress_at{};
  bool held = false;         ///< The publisher is full: nothing is read.
  bool silent = false;       ///< The walsender answers, but neither sends nor advances.
  Lsn received;              ///< Furthest position heard of in commits and keepalives.
  Lsn server_end;            ///< Of the last keepalive; before it, what the catalog said.
  Lsn event_commit;          ///< Where the transaction of the newest event taken commits.
  Lsn confirmed;             ///< What the server was told is safe; at first, what the slot says.
  Timestamp confirmed_at{};  ///< When it was all there was; the epoch while unknown.
  Lsn held_from;  ///< The server's end of WAL once this session held the slot; 0/0: unknown.
  Lsn published;  ///< The greatest commit of which this session has published an event.
  std::uint64_t session = 0;  ///< Counts this process's sessions.
  std::uint64_t event_count = 0;
  std::uint64_t dropped_column_count = 0;
  std::uint64_t label_fault_count = 0;
  std::uint64_t withheld_count = 0;  ///< Values that stayed home for their types are gone.
  /// Why there is no stream, or why it is coming to an end; empty while all is well.
  std::string problem;
};
std::string_view to_string(StreamStatus::State state);

/// What the catalog said of the slot, some seconds ago.
struct SlotSnapshot {
  Lsn server_end;
  std::uint64_t retained_bytes = 0;
  std::int64_t safe_bytes = -1;  ///< -1: unlimited.
};

/// What the catalog said of the anchor slot, some seconds ago.
struct AnchorSnapshot {
  enum class State : std::uint8_t {
    unknown,   ///< Not asked yet, or another connector is in charge.
    none,      ///< There is none, and none is wanted.
    unwanted,  ///< There is one, though none is wanted.
    kept,
    missing,
    lost,  ///< The server invalidated it.
  };
  State state = State::unknown;
  Lsn oldest;                    ///< What was committed from here on can be replayed.
  std::uint64_t held_bytes = 0;  ///< Of WAL, that the anchor makes the server keep.
  bool broken() const { return state == State::missing || state == State::lost; }
};
std::string_view to_string(AnchorSnapshot::State state);

/// What every heartbeat of this process says alike. All but the id and the start are known once
/// the publication's comment was read.
struct Instance {
  std::string name;   ///< The source's.
  std::string table;  ///< "public.pipeline_run".
  std::uint64_t epoch = 0;
  std::string id;  ///< Unique per process.
  Timestamp started_at{};
  std::uint64_t system_identifier = 0;
  std::string database{};
  std::string publication{};
  std::vector<std::uint64_t> follows{};  ///< Epochs that `recover` replaced, newest last.
};

struct ConnectorStatus {
  Instance instance;
  StreamStatus stream;
  publisher::PublisherStatus publisher;
  SlotSnapshot slot;
  AnchorSnapshot anchor;
};

/// Where the threads of one process leave what they know, for probes and heartbeats. Thread-safe.
class SharedStatus {
 public:
  ConnectorStatus read() const {
    const std::lock_guard lock(mutex_);
    return status_;
  }
  SlotSnapshot slot() const {
    const std::lock_guard lock(mutex_);
    return status_.slot;
  }
  template <class Change>
  void update(Change change) {
    const std::lock_guard lock(mutex_);
    change(status_);
  }

 private:
  mutable std::mutex mutex_;
  ConnectorStatus status_;
};

}  // namespace walpulse::connector
