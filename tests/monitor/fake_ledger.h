#pragma once

#include <algorithm>
#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "monitor/ledger/ledger.h"

namespace walpulse::monitor {

/// A ledger that remembers what it was given and answers as it is told.
class FakeLedger : public Ledger {
 public:
  Result<ApplyResult> apply(std::span<const ReceivedMessage> group, Timestamp) override {
    std::unique_lock lock(mutex_);
    ++waiting_;
    changed_.notify_all();
    changed_.wait(lock, [this] { return open_; });
    --waiting_;
    if (!trouble_.empty()) return fail(ErrorKind::unavailable, trouble_);
    groups_.emplace_back();
    ApplyResult applied;
    for (const ReceivedMessage& message : group.first(std::min(group.size(), applied_max))) {
      groups_.back().push_back(message.data);
      applied.outcomes.push_back(outcome_of ? outcome_of(message) : Outcome::applied);
    }
    applied.alerts.swap(alerts);
    applied.rejected_for = rejected_for;
    applied.happened = happened;
    return applied;
  }
  Result<telemetry::MetricFamilies> snapshot(Timestamp now) override {
    const std::lock_guard lock(mutex_);
    ++snapshot_count_;
    if (!trouble_.empty()) return fail(ErrorKind::unavailable, trouble_);
    telemetry::MetricFamilies taken = next_snapshot;
    taken.taken = now;
    return taken;
  }
  Result<Leadership> lead(std::chrono::milliseconds ttl) override {
    const std::lock_guard lock(mutex_);
    ttls_.push_back(ttl);
    changed_.notify_all();
    if (!trouble_.empty()) return fail(ErrorKind::unavailable, trouble_);
    return next_leadership;
  }
  Result<void> resign() override {
    const std::lock_guard lock(mutex_);
    ++resigned_count_;
    return {};
  }
  Result<std::int64_t> keep_mute(const Mute&) override { return 1; }
  Result<std::size_t> route(std::size_t, const Route&) override { return 0; }
  Result<std::size_t> compose(const Compose&) override { return 0; }
  Result<std::vector<Delivery>> claim(std::span<const ChannelRoom>, Timestamp,
                                      std::chrono::milliseconds) override {
    return std::vector<Delivery>{};
  }
  Result<void> finish(const Delivery&, const Attempted&) override { return {}; }
  Result<std::vector<DeliveryCount>> delivery_counts() override {
    return std::vector<DeliveryCount>{};
  }
  Result<bool> forget(Timestamp, std::size_t) override { return true; }
  Result<Wished> retry(std::int64_t, Timestamp, const std::string&) override {
    return Wished::unknown;
  }
  Result<Wished> drop(std::int64_t, Timestamp, const std::string&) override {
    return Wished::unknown;
  }
  Leadership leadership() const override { return next_leadership; }
  Result<Pruned> prune(Timestamp) override { return Pruned{0, true}; }
  Result<std::vector<RejectedMessage>> unforwarded(std::size_t count_max) override {
    const std::lock_guard lock(mutex_);
    return std::vector(
        to_forward.begin(),
        to_forward.begin() + static_cast<std::ptrdiff_t>(std::min(count_max, to_forward.size())));
  }
  Result<void> mark_forwarded(std::span<const std::int64_t> ids) override {
    const std::lock_guard lock(mutex_);
    std::erase_if(to_forward, [&](const RejectedMessage& message) {
      return std::find(ids.begin(), ids.end(), message.id) != ids.end();
    });
    return {};
  }
  Result<std::vector<RejectedMessage>> rejected(std::int64_t, std::size_t) override {
    return std::vector<RejectedMessage>{};
  }
  Result<RedrivenGroup> redrive(std::span<const RejectedMessage>, Timestamp, bool) override {
    return RedrivenGroup{};
  }
  Result<std::string> pin(const std::string& name, const std::string& value,
                          bool replace) override {
    const std::lock_guard lock(mutex_);
    std::string& known = names[name];
    if (known.empty() || replace) known = value;
    return known;
  }
  Result<std::string> pinned(const std::string& name) override {
    const std::lock_guard lock(mutex_);
    const auto at = names.find(name);
    return at == names.end() ? std::string() : at->second;
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
    if (lead_lost) return fail(ErrorKind::cancelled, "another instance has taken the lead");
    return {};
  }
  Result<std::vector<KnownEpoch>> epochs() override { return std::vector<KnownEpoch>{}; }
  Result<std::vector<KnownTrigger>> triggers() override { return std::vector<KnownTrigger>{}; }
  Result<std::vector<KnownBlock>> blocks(const std::string&, std::int64_t) override {
    return std::vector<KnownBlock>{};
  }
  Result<KnownProblems> problems(std::size_t) override { return KnownProblems{}; }
  Result<void> look(const std::function<void(Transaction&, const Context&)>&) override {
    return {};
  }
  Result<bool> keep(ProblemUpdate&) override { return false; }
  Result<void> logged(const std::string&) override { return {}; }
  Result<std::size_t> accept_epoch(const std::string&, std::uint64_t) override {
    return std::size_t{0};
  }
  Result<Advanced> advance(std::chrono::steady_clock::time_point) override { return Advanced{}; }
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

  int resigned_count() const {
    const std::lock_guard lock(mutex_);
    return resigned_count_;
  }
  /// Until lead() was called so often.
  std::vector<std::chrono::milliseconds> await_leads(std::size_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return ttls_.size() >= count; });
    return ttls_;
  }

  // Set before use.
  std::function<Outcome(const ReceivedMessage&)> outcome_of;
  std::string rejected_for;  ///< What apply() says of what it kept.
  bool happened = false;     ///< Likewise.
  std::vector<SourceAlert> alerts;
  telemetry::MetricFamilies next_snapshot;
  Export next_export;
  Leadership next_leadership{true, "this instance"};
  bool lead_lost = false;  ///< By the time that an export is finished.
  std::vector<RejectedMessage> to_forward;
  std::map<std::string, std::string> names;
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
  int resigned_count_ = 0;
  std::vector<std::chrono::milliseconds> ttls_;
  std::string trouble_;
  std::vector<std::vector<std::string>> groups_;
  std::vector<Finished> finished_;
};

}  // namespace walpulse::monitor
