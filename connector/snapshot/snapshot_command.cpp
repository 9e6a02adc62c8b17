
#include <chrono>

#include "connector/session/signal_watch.h"
#include "connector/snapshot/snapshot_run.h"
#include "decoder/base/logging.h"
#include "publisher/config/exit_codes.h"

namespace walpulse::connector {
namespace {

int code_of(const Failure& failure) {
  if (failure.verdict == Verdict::gap) return kExitGap;
  return failure.verdict == Verdict::retry ? kExitUnavailable : kExitFailed;
}

int report(const tl::expected<SnapshotSummary, Failure>& done, std::chrono::milliseconds time) {
  if (!done) {
    SPDLOG_ERROR("snapshot failed reason={}", to_string(done.error()));
    return code_of(done.error());
  }
  if (!done->interrupted) {
    SPDLOG_INFO("snapshot complete rows={} position={} parts={} milliseconds={}", done->row_count,
                to_string(done->position), done->part_count, time.count());
    return kExitStopped;
  }
  if (done->unread) {
    SPDLOG_INFO("nobody reads stdout any more, stopped rows={}", done->row_count);
    return kExitStopped;
  }
  if (!done->last_id) {
    SPDLOG_WARN("stopped before a row was delivered");
  } else {
    SPDLOG_WARN(
        "stopped half-way, every row through id {} is delivered: continue with --from-id {}",
        *done->last_id, *done->last_id + (*done->last_id < INT64_MAX ? 1 : 0));
  }
  return kExitFailed;
}

}  // namespace

tl::expected<SnapshotSummary, Failure> take_snapshot(const SnapshotJob& job, std::stop_token stop,
                                                     Wakeup& wakeup) {
  return SnapshotRun(job, std::move(stop), wakeup).execute();
}

int snapshot_command(const Invocation& invocation) {
  std::stop_source stop;
  Wakeup wakeup;
  const auto drain = invocation.run.drain_deadline;
  SignalWatch signals(stop, wakeup, drain + std::chrono::seconds{12});
  const SnapshotJob job{invocation.run.source,
                        invocation.run.publish,
                        invocation.snapshot,
                        invocation.slot_timeout,
                        drain,
                        {}};
  const auto since = std::chrono::steady_clock::now();
  const auto done = take_snapshot(job, stop.get_token(), wakeup);
  const int code = report(done, std::chrono::duration_cast<std::chrono::milliseconds>(
                                    std::chrono::steady_clock::now() - since));
  signals.leave(code);
  return code;
}

}  // namespace walpulse::connector
