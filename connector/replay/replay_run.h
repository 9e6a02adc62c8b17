#pragma once

#include <memory>
#include <optional>
#include <stop_token>
#include <string>

#include "connector/replay/replay_failure.h"
#include "connector/replay/replay_session.h"
#include "connector/session/preflight.h"
#include "decoder/base/backoff.h"
#include "publisher/sinks/sink.h"

namespace walpulse::connector {

/// One replay from start to end: one session after the other, over connections that may be lost,
/// with what lives on between them. One thread, beside the publisher's.
class ReplayRun {
 public:
  ReplayRun(const Invocation& invocation, std::stop_token stop, Wakeup& wakeup);

  /// An exit code of replay_command.h.
  int execute();

 private:
  using Ended = tl::expected<ReplayEnd, ReplayVerdict>;

  /// Everything that can be refused before anything is opened; an exit code where it was.
  std::optional<int> prepare();
  Result<void> open_sink();
  void introduce();
  void keep_slot_in_use(std::uint64_t rate);
  Ended session();
  ReplayVerdict judge(const ReplayFault& fault) const;
  /// The end of the work; empty: another session.
  std::optional<int> handle(const Ended& ended);
  int complete();
  int interrupted();
  int refuse(const std::string& reason, int code) const;
  void summarize(const char* how) const;
  /// Lets go of the server where the sink takes nothing for long, and says so. False: a stop came
  /// first.
  bool drain();
  void pause(Clock::duration time);
  std::optional<Lsn> resume_from() const;
  std::string resume() const;
  Lsn start() const;

  const SourceOptions source_;
  const PublishOptions publish_;
  const ReplayOptions options_;
  const std::vector<std::string> arguments_;
  const std::chrono::milliseconds drain_deadline_;
  const std::stop_token stop_;
  Wakeup& wakeup_;
  const Clock::time_point began_at_ = Clock::now();
  std::optional<Preflight> found_;
  std::unique_ptr<Catalog> catalog_;  ///< Of the first session.
  ReplayRange range_;
  std::unique_ptr<publisher::Sink> sink_;
  std::unique_ptr<Delivery> delivery_;
  ReplayProgress journal_;
  std::optional<Pacer> pacer_;
  std::optional<ProgressReport> progress_;
  std::optional<Lsn> progress_from_;
  Backoff backoff_;
  bool streaming_ = false;
};

}  // namespace walpulse::connector
