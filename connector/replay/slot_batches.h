#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "connector/replay/batch_size.h"
#include "connector/replay/copy_parser.h"
#include "connector/replay/replay_source.h"
#include "connector/stream/pq_session.h"

namespace walpulse::connector {

struct SlotBatchOptions {
  std::string publication;
  std::optional<Lsn> upto;  ///< Commits below it are read; empty: whatever there is.
  std::uint64_t rows_min = 100'000;
  std::uint64_t rows_max = 100'000;
};

/// One ordinary connection with a temporary slot of its own, read batch by batch, each by
/// COPY (SELECT ... FROM pg_logical_slot_get_binary_changes(...)) TO STDOUT (FORMAT binary). The
/// server decodes a whole batch before it answers, and never cuts a transaction. One thread.
class SlotBatches {
 public:
  /// `name`: of the slot. A batch takes as long as the sink does.
  SlotBatches(std::unique_ptr<PqSession> session, std::string name, SlotBatchOptions options)
      : session_(std::move(session)),
        name_(std::move(name)),
        options_(std::move(options)),
        size_(options_.rows_min, options_.rows_max) {}

  /// Makes the temporary slot, a copy of `slot`, in place of the one it had; returns where it
  /// stands.
  Result<Lsn> copy(const std::string& slot);
  Result<void> advance(Lsn to) { return advance_slot(*session_, name_, to); }
  /// Has the server begin a batch; only while idle.
  Result<void> ask();
  /// A row, or the end of the batch; nothing where it takes more from the connection.
  Result<std::optional<ReplayItem>> next();
  /// Waits for the server, for a call for attention or for the deadline.
  Result<void> await(Wakeup& wakeup, Clock::time_point deadline);
  /// Cancels the batch that the server works at.
  void cancel();

  /// No batch is asked for.
  bool idle() const { return state_ == State::idle; }
  /// Of the batch that is read, or was read last.
  std::uint64_t row_count() const { return row_count_; }
  /// There may be more behind that batch.
  bool full() const { return row_count_ >= rows_max_; }
  const std::string& name() const { return name_; }

 private:
  enum class State { idle, asked, copying };

  std::string statement() const;
  Result<bool> answered();
  Result<std::optional<SlotRow>> row();
  Result<ReplayReached> end_of_batch();

  std::unique_ptr<PqSession> session_;
  const std::string name_;
  const SlotBatchOptions options_;
  BatchSize size_;
  std::uint64_t rows_max_ = 0;  ///< Of the batch that is read, or was read last.
  bool has_slot_ = false;
  State state_ = State::idle;
  CopyParser parser_;
  PqBuffer buffer_{nullptr, &PQfreemem};
  std::uint64_t row_count_ = 0;
  Lsn decodable_;  ///< When the batch began.
};

}  // namespace walpulse::connector
