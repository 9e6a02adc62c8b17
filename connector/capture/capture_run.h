#pragma once

#include <memory>
#include <optional>
#include <stop_token>
#include <string>

#include "connector/capture/capture_session.h"
#include "connector/capture/discovery.h"
#include "connector/capture/slot_watch.h"
#include "connector/stream/replication_stream.h"
#include "publisher/gcp/http_server.h"
#include "publisher/gcp/retry.h"
#include "publisher/sink.h"

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

  bool looking() const { return options_.to == "stdout" && !options_.confirm; }
  Result<void> prepare();
  Ended session();
  tl::expected<Discovery, Failure> find();
  void join(const Discovery& found);
  Ended capture(ReplicationStream& stream, const Discovery& found);
  Ended finish(CaptureSession& session);
  void await(Failure& failure);
  void pause(Clock::duration time);

  const RunOptions options_;
  const std::stop_token stop_;
  Wakeup& wakeup_;
  StatusBoard board_;
  std::unique_ptr<publisher::Sink> sink_;
  std::unique_ptr<Delivery> delivery_;
  HeartbeatSender heartbeats_;
  std::unique_ptr<gcp::HttpServer> http_;
  std::unique_ptr<Catalog> catalog_;
  std::optional<SlotWatch> slot_watch_;
  std::optional<ServerMark> server_;
  std::optional<CaptureIdentity> identity_;
  gcp::Backoff backoff_;
  bool standing_by_ = false;
};

}  // namespace walpulse::connector
