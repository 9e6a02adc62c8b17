#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "connector/options/options.h"
#include "connector/session/failure.h"
#include "connector/stream/wakeup.h"
#include "decoder/base/types.h"

namespace walpulse::connector {

struct SnapshotJob {
  SourceOptions source;  ///< Of its tables the first: the one to be read.
  PublishOptions publish;
  SnapshotOptions snapshot;
  std::chrono::milliseconds slot_timeout{30'000};
  std::chrono::milliseconds drain_deadline{8'000};
  /// Of a capture that `recover` has not opened yet: the publication's comment keeps everybody out.
  /// Empty: what the comment says.
  std::optional<CaptureIdentity> identity{};
  bool introduced = false;  ///< It was said before of which history the rows are.
};

struct SnapshotSummary {
  std::uint64_t row_count = 0;
  int part_count = 0;                   ///< More than one where the server went away meanwhile.
  Lsn position;                         ///< Of the last part.
  std::optional<std::int64_t> last_id;  ///< The last that was delivered, with all before it.
  std::string table_flag;               ///< What goes before --from-id to continue behind it.
  bool interrupted = false;             ///< Stopped, or nobody reads stdout any more.
  bool unread = false;                  ///< The latter: whoever looked has seen enough.
};

/// Reads the tables, one after the other, each under a position of its own, and publishes their
/// rows, each table's followed by its end message; returns once everything is delivered. `stop`
/// (with `wakeup` raised) ends it after what was read is delivered: then the summary says so. Tells
/// its progress on stderr, or in the log.
///
/// Failures: retry (the server cannot be reached at all), gap, fatal; the text names the remedy,
/// and the id to continue from where rows were delivered. One thread.
tl::expected<SnapshotSummary, Failure> take_snapshot(const SnapshotJob& job,
                                                     const std::vector<TableName>& tables,
                                                     std::stop_token stop, Wakeup& wakeup);

/// What is left to read where nothing is said: with a condition or a range the first of the tables
/// wanted, or the only one; else every table that is captured.
Result<std::vector<TableName>> tables_to_read(const SourceOptions& source,
                                              const SnapshotOptions& snapshot);

/// As take_snapshot(), for a command whose own work it ends: a signal stops it, and is an error.
Result<void> read_tables(const Invocation& invocation, const SourceOptions& source,
                         const std::vector<TableName>& tables,
                         const std::optional<CaptureIdentity>& identity = {});

/// `snapshot`: until done or stopped by a signal; returns the exit code.
int snapshot_command(const Invocation& invocation);

}  // namespace walpulse::connector
