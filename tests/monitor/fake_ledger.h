#pragma once

#include <algorithm>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <vector>

#include "monitor/ledger/ledger.h"

namespace walpulse::monitor {

/// A ledger that remembers what it was given and answers as it is told.
class FakeLedger : public Ledger {
 public:
  Result<Applied> apply(std::span<const Incoming> group, Timestamp) override {
    std::unique_lock lock(mutex_);
    ++waiting_;
    changed_.notify_all();
    changed_.wait(lock, [this] { return open_; });
    --waiting_;
    if (!trouble_.empty()) return fail(ErrorKind::unavailable, trouble_);
    groups_.emplace_back();
    Applied applied;
    for (const Incoming& message : group.first(std::min(group.size(), applied_max))) {
      groups_.back().push_back(message.data);
      applied.outcomes.push_back(outcome_of ? outcome_of(message) : Outcome::applied);
    }
    applied.notices.swap(notices);
    return applied;
  }
  Result<gcp::Snapshot> snapshot(Timestamp now) override {
    const std::lock_guard lock(mutex_);
    ++snapshot_count_;
    if (!trouble_.empty()) return fail(ErrorKind::unavailable, trouble_);
    gcp::Snapshot taken = next_snapshot;
    taken.taken = now;
    return taken;
  }
  Result<Export> begin_export(Timestamp now) override {
    const std::lock_guard lock(mutex_);
    if (!trouble_.empty()) return fail(ErrorKind::unavailable, trouble_);
    Export next = next_export;
    next.end = now;
    return next;
  }
  Result<void> finish_export(const Export& done, std::span<const ExportResult> results) override {
    const std::lock_guard lock(mutex_);
    finished_.push_back({done.end, {results.begin(), results.end()}});
    return {};
  }
  Result<void> check() override {
    const std::lock_guard lock(mutex_);
    if (!trouble_.empty()) return fail(ErrorKind::unavailable, trouble_);
    return {};
  }

  /// While closed, apply() waits.
  void close() { set(open_, false); }
  void open() { set(open_, true); }
  /// As close(), called from within outcome_of: from the next group on.
  void close_next() { open_ = false; }
  /// Until a thread is inside apply().
  void await_apply() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return waiting_ > 0; });
  }
  /// Every call fails while this is not empty.
  void trouble(const std::string& text) {
    const std::lock_guard lock(mutex_);
    trouble_ = text;
  }
  std::vector<std::vector<std::string>> groups() const {
    const std::lock_guard lock(mutex_);
    return groups_;
  }
  int snapshot_count() const {
    const std::lock_guard lock(mutex_);
    return snapshot_count_;
  }
  struct Finished {
    Timestamp end;
    std::vector<ExportResult> results;
  };
  std::vector<Finished> finished() const {
    const std::lock_guard lock(mutex_);
    return finished_;
  }

  // Set before use.
  std::function<Outcome(const Incoming&)> outcome_of;
  std::vector<Notice> notices;
  gcp::Snapshot next_snapshot;
  Export next_export;
  std::size_t applied_max = static_cast<std::size_t>(-1);  ///< Of a group; then it fails.

 private:
  void set(bool& flag, bool value) {
    const std::lock_guard lock(mutex_);
    flag = value;
    changed_.notify_all();
  }

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  bool open_ = true;
  int waiting_ = 0;
  int snapshot_count_ = 0;
  std::string trouble_;
  std::vector<std::vector<std::string>> groups_;
  std::vector<Finished> finished_;
};

}  // namespace walpulse::monitor
