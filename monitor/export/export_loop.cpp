#include "monitor/export/export_loop.h"

#include <algorithm>
#include <utility>

#include "decoder/base/logging.h"
#include "monitor/export/snapshot_json.h"

namespace walpulse::monitor {

ExportLoop::ExportLoop(Ledger& ledger, MetricWriter* writer, Print print, ExportOptions options,
                       std::function<Timestamp()> now)
    : ledger_(ledger),
      writer_(writer),
      print_(std::move(print)),
      options_(options),
      now_(std::move(now)) {}

ExportLoop::~ExportLoop() = default;

void ExportLoop::start() {
  if (writer_ == nullptr && !print_) return;
  thread_ = std::jthread([this](std::stop_token stop) { run(std::move(stop)); });
}

void ExportLoop::run(std::stop_token stop) {
  auto next = Clock::now();
  while (true) {
    next += options_.interval;
    {
      std::unique_lock lock(mutex_);
      waiting_.wait_until(lock, stop, next, [] { return false; });
    }
    if (stop.stop_requested()) return;
    export_once(next + options_.interval - std::chrono::seconds(1), stop);
    next = std::max(next, Clock::now() - options_.interval);  // Late: do not catch up.
  }
}

void ExportLoop::stop(Clock::time_point deadline) {
  if (!thread_.joinable()) return;
  thread_.request_stop();
  thread_.join();
  export_once(deadline, {});
}

void ExportLoop::export_once(Clock::time_point deadline, std::stop_token stop) {
  if (print_ && ledger_.leadership().ours) {
    if (const auto snapshot = ledger_.snapshot(now_())) {
      print_(snapshot_json(*snapshot));
    } else {
      note("the ledger cannot be read: " + to_string(snapshot.error()));
    }
  }
  if (writer_ != nullptr) write(deadline, std::move(stop));
}

void ExportLoop::write(Clock::time_point deadline, std::stop_token stop) {
  const auto exported = ledger_.begin_export(now_());
  if (!exported) return note("an export cannot begin: " + to_string(exported.error()));
  std::vector<ExportResult> results;
  if (!exported->points.empty()) results = writer_->write(*exported, deadline, std::move(stop));
  if (const auto finished = ledger_.finish_export(*exported, results); !finished) {
    return note("an export cannot be recorded: " + to_string(finished.error()));
  }
  const bool complete = std::all_of(results.begin(), results.end(),
                                    [](const ExportResult& result) { return result.empty(); });
  const std::lock_guard lock(mutex_);
  trouble_ = complete ? "" : writer_->health();
}

void ExportLoop::note(std::string trouble) {
  SPDLOG_WARN("{}", trouble);
  const std::lock_guard lock(mutex_);
  trouble_ = std::move(trouble);
}

std::string ExportLoop::health() const {
  const std::lock_guard lock(mutex_);
  return trouble_;
}

}  // namespace walpulse::monitor
