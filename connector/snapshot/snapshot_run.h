#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>

#include "connector/options/options.h"
#include "connector/progress/pacer.h"
#include "connector/progress/progress_report.h"
#include "connector/session/failure.h"
#include "connector/snapshot/row_events.h"
#include "connector/snapshot/row_publisher.h"
#include "connector/snapshot/take_snapshot.h"

namespace walpulse::connector {

/// The snapshot of one table: in one part, unless the server goes away half-way. What was read
/// until then was read whole under its own position, and gets an end message of its own; the next
/// part goes on behind it, under another slot's position. One thread, beside the lanes'.
class SnapshotRun {
 public:
  SnapshotRun(const SnapshotJob& job, std::stop_token stop, Wakeup& wakeup);
  tl::expected<SnapshotSummary, Failure> execute();

 private:
  using Ended = tl::expected<void, Failure>;
  /// What is read under one position.
  struct Part {
    std::optional<std::int64_t> from;  ///< Inclusive; empty: open.
    SnapshotPoint point;
    std::uint64_t row_count = 0;
    std::optional<std::int64_t> last_id;
  };

  Ended prepare();
  Ended introduce();
  tl::expected<SnapshotSummary, Failure> read_all();
  Ended read(Part& part);
  Ended wait_without_reading(SnapshotStream& stream);
  Ended read_chunks(SnapshotStream& stream, Part& part);
  Ended take(SnapshotStream::Row row, Part& part);
  /// Waits for what was read; the end message, where there is to be one.
  Ended finish(const Part& part, std::optional<std::int64_t> to);
  Failure not_made(const Error& error, const std::string& slot);
  void tell_waiting(std::chrono::steady_clock::duration time);
  void tell_progress(const Part& part);
  /// Names the id to continue from.
  Failure with_hint(Failure failure) const;
  std::string table_flag() const;
  bool interrupted() const { return stop_.stop_requested() || publisher_->unread(); }
  SnapshotSummary summary(bool interrupted) const;

  const SnapshotJob job_;
  const std::stop_token stop_;
  Wakeup& wakeup_;
  SnapshotFacts facts_;
  std::vector<bool> read_;
  std::unique_ptr<RowPublisher> publisher_;
  std::optional<RowEvents> events_;
  std::optional<ProgressReport> report_;
  Pacer pacer_;
  SnapshotSummary summary_;
  std::chrono::steady_clock::time_point tell_at_;
};

}  // namespace walpulse::connector
