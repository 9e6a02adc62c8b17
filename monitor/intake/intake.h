#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <functional>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "decoder/base/backoff.h"
#include "decoder/base/result.h"
#include "monitor/intake/intake_queue.h"
#include "monitor/ledger/ledger_writer.h"
#include "publisher/telemetry/log_limit.h"

namespace walpulse::monitor {

struct IntakeOptions {
  IntakeQueue::Limits queue;
  /// Between checks of a ledger that does not answer.
  BackoffOptions backoff{std::chrono::milliseconds(100), 2, std::chrono::milliseconds(5000)};
  /// Called on the intake's thread behind what made a happening.
  std::function<void()> happened = [] {};
};

/// Group commit: messages from any number of threads, one ledger transaction for all that wait. A
/// message is completed only after its effect is durable. While the ledger does not answer nothing
/// is taken, so that senders hear of it at once.
class Intake {
 public:
  using Clock = std::chrono::steady_clock;

  /// `ledger` must outlive the intake. `notify` and completions run on the intake's thread.
  Intake(LedgerWriter& ledger, IntakeOptions options, std::function<Timestamp()> now,
         std::function<void(const SourceAlert&)> notify);
  /// As stop().
  ~Intake();

  /// Reads the message on the caller's thread, unless it is large.
  /// Takes (moves from) it where there is room, waiting for that until `deadline`; `done`
  /// is then called exactly once. Otherwise the message is untouched: timed_out (no room),
  /// unavailable (the ledger does not answer), cancelled (`stop`, or the intake is stopping).
  Result<void> offer(ReceivedMessage& message, Completion done, Clock::time_point deadline = {},
                     const std::stop_token& stop = {});
  /// Why the ledger takes nothing at the moment; empty while it does.
  std::string health() const;
  /// What was set aside in the last minutes, and why; empty where nothing was.
  std::string warning(Clock::time_point now = Clock::now()) const;
  std::size_t queue_bytes() const;
  /// Takes nothing more, completes what was taken, ends.
  void stop();

 private:
  void run();
  void apply(IntakeQueue::Group group);
  void note_rejected(const ApplyResult& applied);
  void refuse(std::vector<Completion> completions, const Error& error);
  void await_ledger();

  LedgerWriter& ledger_;
  const IntakeOptions options_;
  const std::function<Timestamp()> now_;
  const std::function<void(const SourceAlert&)> notify_;

  mutable std::mutex mutex_;
  std::condition_variable_any changed_;
  IntakeQueue queue_;
  std::optional<Error> trouble_;
  /// Of the messages that were set aside since the process began.
  struct {
    std::size_t count = 0;
    std::string last_reason;
    Clock::time_point last_at;
  } rejected_;
  telemetry::LogLimit rejected_log_{std::chrono::minutes(1)};
  bool stopping_ = false;
  std::jthread thread_;
};

}  // namespace walpulse::monitor
