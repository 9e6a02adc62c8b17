#pragma once

#include <memory>
#include <optional>
#include <stop_token>
#include <string>

#include "connector/capture/capture_session.h"
#include "connector/capture/preflight_connection.h"
#include "connector/capture/server_monitor.h"
#include "connector/stream/replication_stream.h"
#include "decoder/base/backoff.h"
#include "publisher/http/server.h"
#include "publisher/sinks/sink.h"

namespace walpulse::connector {

/// One capture from start to stop: one session after the other, with what lives on between them.
/// A quick look (`--to stdout` without `--confirm`) reads a temporary copy of the slot, confirms
/// nothing and sends no heartbeats. One thread, beside those that it owns.
class CaptureRun {
 public:
  CaptureRun(const RunOptions& options, std::stop_token stop, Wakeup& wakeup);

  /// Until stopped or beyond repair; an exit code of run_command.h.
  int execute();

 private:
  using Ended = tl::expected<void, Failure>;  ///< A session's end; success: stopped or no reader.

  bool looking() const { return options_.publish.to == "stdout" && !options_.confirm; }
  /// Probes and metrics; a look goes without where the port is taken, by the capture that it is
  /// beside.
  Result<void> serve();
  Result<void> prepare();
  Ended session();
  void join(const Preflight& found);
  void meet_newcomers(const CaptureIdentity& identity);
  Ended capture(ReplicationStream& stream, const Preflight& found, Lsn held_from);
  Ended finish(CaptureSession& session);
  Failure judge_end(const CaptureSession& session, const Error& error);
  SessionEnvironment poll_environment(const Preflight& found) const;
  /// Empty: the sink answers again, or a stop came.
  std::optional<Failure> park(const Failure& failure);
  void await(const Failure& failure);
  void show(StreamStatus::State state, const std::string& problem);
  void pause(Clock::duration time);

  const RunOptions options_;
  const std::stop_token stop_;
  Wakeup& wakeup_;
  SharedStatus board_;
  std::unique_ptr<publisher::Sink> sink_;
  std::unique_ptr<Delivery> delivery_;
  HeartbeatSender heartbeats_;
  std::unique_ptr<http::Server> http_;
  PreflightConnection finder_;
  std::optional<ServerMonitor> server_monitor_;
  std::optional<ServerMark> server_;
  std::optional<CaptureIdentity> identity_;
  std::vector<Oid> newcomers_;        ///< In the publication, and in no comment read since.
  std::vector<Oid> passed_over_;      ///< In the publication, and none of this capture's.
  std::optional<LeftTimeline> left_;  ///< Until a stream shows that nothing of it is lost.
  Backoff backoff_;
  bool standing_by_ = false;
};

}  // namespace walpulse::connector
