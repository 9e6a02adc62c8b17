#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "connector/stream/replication_stream.h"
#include "connector/stream/wakeup.h"
#include "decoder/base/result.h"
#include "decoder/base/timestamp.h"
#include "decoder/base/types.h"

namespace walpulse::connector {

/// Which state of the database a SnapshotStream reads.
struct SnapshotPoint {
  /// The slot's consistent point: exactly the commits below it are seen.
  Lsn position;
  /// When the transaction began, which is before the position: by the server's clock, on a standby
  /// by the log's where that is earlier.
  Timestamp taken_at;
};

/// Reads rows under the snapshot of a temporary slot of its own: one walsender session, one
/// transaction (REPEATABLE READ, READ ONLY). The slot is dropped as soon as the transaction has its
/// snapshot, which it keeps to its end (tried on 15: the rows stay, and VACUUM leaves them): it
/// holds no WAL, only, as any long transaction, what VACUUM may remove.
///
/// The settings that the text of a value depends on are pinned as ReplicationStream pins them, so
/// that a value reads as it does in the stream. Errors as ReplicationStream's, and cancelled. One
/// thread; only the Wakeup is shared.
class SnapshotStream {
 public:
  using Clock = std::chrono::steady_clock;
  /// A row's values in the order asked for, SQL NULL empty; valid until the next call.
  using Row = std::span<const std::optional<std::string_view>>;

  static Result<std::unique_ptr<SnapshotStream>> connect(const ReplicationOptions& options,
                                                         Wakeup& wakeup, std::stop_token stop);
  /// Closes the connection, and with it the transaction.
  ~SnapshotStream();

  /// Waits for every transaction that writes at the moment; `waiting` is told every second for how
  /// long. timed_out at the deadline: the server is made to give up first, so that nothing of the
  /// slot is left.
  Result<SnapshotPoint> begin(const std::string& slot, Clock::time_point deadline,
                              const std::function<void(Clock::duration)>& waiting);
  /// Asks for rows; they are read one by one with next_row().
  Result<void> ask(const std::string& select);
  /// Empty after the last. Memory holds one row: a reader that waits makes the server wait.
  Result<std::optional<Row>> next_row();

 private:
  struct Session;
  explicit SnapshotStream(std::unique_ptr<Session> session);
  std::unique_ptr<Session> session_;
};

}  // namespace walpulse::connector
