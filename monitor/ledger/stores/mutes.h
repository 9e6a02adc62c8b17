#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "decoder/base/timestamp.h"
#include "publisher/telemetry/metric.h"

namespace walpulse::monitor {

/// What is not to be told for a while, and who said so.
struct Mute {
  std::int64_t id = 0;       ///< Given by the storage; zero: not stored yet.
  std::string source;        ///< Empty: every source.
  std::string pipeline;      ///< A glob as in the rules' `match`; empty where `problem` is set.
  telemetry::Labels labels;  ///< All must be equal.
  /// This problem alone (Problem::id): the mute ends with it.
  std::optional<std::int64_t> problem;
  std::string reason;
  std::string created_by;
  Timestamp created;
  std::optional<Timestamp> until;  ///< Nothing: until the problem is over.
  std::optional<Timestamp> ended;  ///< When it was lifted, ran out or its problem recovered.
  std::string ended_by;
  bool operator==(const Mute&) const = default;
};

/// The mutes, those that are over too: who silenced what stays on record.
class MuteStore {
 public:
  virtual ~MuteStore() = default;
  /// Those that have neither ended nor run out by `now`, the newest first.
  virtual std::vector<Mute> in_force(Timestamp now) = 0;
  /// The newest `count_max`, the newest first.
  virtual std::vector<Mute> all(std::size_t count_max) = 0;
  /// Keeps a mute without an id as a new one. Of one that is known it writes `until` and the
  /// reason, and the end where there is none yet: whoever ended it first has ended it. The id.
  virtual std::int64_t save(const Mute& mute) = 0;
};

}  // namespace walpulse::monitor
