#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <stop_token>

#include "connector/options/options.h"
#include "connector/session/failure.h"
#include "connector/stream/wakeup.h"
#include "decoder/base/types.h"

namespace walpulse::connector {

struct SnapshotJob {
  SourceOptions source;
  PublishOptions publish;
  SnapshotOptions snapshot;
  std::chrono::milliseconds slot_timeout{30'000};
  std::chrono::milliseconds drain_deadline{8'000};
  /// Of a capture that `recover` has not opened yet: the publication's comment keeps everybody out.
  /// Empty: what the comment says.
  std::optional<CaptureIdentity> identity;
};

struct SnapshotSummary {
  std::uint64_t row_count = 0;
  int part_count = 0;                   ///< More than one where the server went away meanwhile.
  Lsn position;                         ///< Of the last part.
  std::optional<std::int64_t> last_id;  ///< The last that was delivered, with all before it.
  bool interrupted = false;             ///< Stopped, or nobody reads stdout any more.
  bool unread = false;                  ///< The latter: whoever looked has seen enough.
};

/// Reads the table and publishes its rows, then the end message; returns once
/// everything is delivered. `stop` (with `wakeup` raised) ends it after what was read is delivered:
/// then the summary says so. Tells its progress on stderr, or in the log.
///
/// Failures: retry (the server cannot be reached at all), gap, fatal; the text names the remedy,
/// and the id to continue from where rows were delivered. One thread.
tl::expected<SnapshotSummary, Failure> take_snapshot(const SnapshotJob& job, std::stop_token stop,
                                                     Wakeup& wakeup);

/// `snapshot`: until done or stopped by a signal; returns the exit code.
int snapshot_command(const Invocation& invocation);

}  // namespace walpulse::connector
