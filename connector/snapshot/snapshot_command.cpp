#include <chrono>
#include <utility>

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
        "stopped half-way, every row through id {} is delivered: continue with {}--from-id {}",
        *done->last_id, done->table_flag, *done->last_id + (*done->last_id < INT64_MAX ? 1 : 0));
  }
  return kExitFailed;
}

}  // namespace

tl::expected<SnapshotSummary, Failure> take_snapshot(const SnapshotJob& job,
                                                     const std::vector<TableName>& tables,
                                                     std::stop_token stop, Wakeup& wakeup) {
  SnapshotJob one = job;
  SnapshotSummary all;
  for (const TableName& table : tables) {
    one.source.tables = {table};
    auto done = SnapshotRun(one, stop, wakeup).execute();
    if (!done) return done;
    done->row_count += std::exchange(all.row_count, 0);
    done->part_count += std::exchange(all.part_count, 0);
    all = *std::move(done);
    if (all.interrupted) break;
    one.introduced = true;
  }
  return all;
}

Result<std::vector<TableName>> tables_to_read(const SourceOptions& source,
                                              const SnapshotOptions& snapshot) {
  const std::vector<TableName> first = {source.tables.front()};
  const bool some = !snapshot.where.empty() || snapshot.from_id || snapshot.to_id;
  if (is_one_table(source) || some) return first;
  const auto catalog = Catalog::open(source.dsn, kQuestionTimeout);
  if (!catalog) return forward(catalog);
  const auto identity = (*catalog)->identity(source.publication);
  if (!identity) return forward(identity);
  // Where nothing was set up, or for another table, reading the first says so.
  const bool ours = *identity && (*identity)->find(first.front()) != nullptr;
  return ours ? (*identity)->table_names() : first;
}

Result<void> read_tables(const Invocation& invocation, const SourceOptions& source,
                         const std::vector<TableName>& tables,
                         const std::optional<CaptureIdentity>& identity) {
  const auto drain = invocation.run.drain_deadline;
  std::stop_source stop;
  Wakeup wakeup;
  const SignalWatch signals(stop, wakeup, drain + std::chrono::seconds{12});
  const SnapshotJob job{.source = source,
                        .publish = invocation.run.publish,
                        .snapshot = invocation.snapshot,
                        .slot_timeout = invocation.slot_timeout,
                        .drain_deadline = drain,
                        .identity = identity};
  const auto done = take_snapshot(job, tables, stop.get_token(), wakeup);
  if (!done) return fail(ErrorKind::rejected, done.error().message, done.error().remedy);
  if (done->interrupted) return fail(ErrorKind::cancelled, "stopped by a signal");
  return {};
}

int snapshot_command(const Invocation& invocation) {
  std::stop_source stop;
  Wakeup wakeup;
  const auto drain = invocation.run.drain_deadline;
  SignalWatch signals(stop, wakeup, drain + std::chrono::seconds{12});
  const SnapshotJob job{.source = invocation.run.source,
                        .publish = invocation.run.publish,
                        .snapshot = invocation.snapshot,
                        .slot_timeout = invocation.slot_timeout,
                        .drain_deadline = drain};
  const auto since = std::chrono::steady_clock::now();
  const auto tables = tables_to_read(job.source, job.snapshot);
  const auto done = tables ? take_snapshot(job, *tables, stop.get_token(), wakeup)
                           : tl::unexpected<Failure>(unanswered(tables.error()));
  const int code = report(done, std::chrono::duration_cast<std::chrono::milliseconds>(
                                    std::chrono::steady_clock::now() - since));
  signals.leave(code);
  return code;
}

}  // namespace walpulse::connector
