#include "connector/capture/parking.h"

#include "decoder/base/clock.h"
#include "decoder/base/logging.h"

namespace walpulse::connector {
namespace {

constexpr std::chrono::seconds kWarnInterval{30};

long long seconds_parked(Clock::time_point then) {
  return std::chrono::duration_cast<std::chrono::seconds>(Clock::now() - then).count();
}

}  // namespace

std::optional<std::string> park_reason(const publisher::PublisherStatus& sink,
                                       Clock::time_point now,
                                       std::chrono::milliseconds park_after) {
  if (sink.trouble.empty() || !sink.waiting_since) return std::nullopt;
  const auto waited = now - *sink.waiting_since;
  if (waited < park_after) return std::nullopt;
  return "the sink took nothing for " +
         std::to_string(std::chrono::duration_cast<std::chrono::seconds>(waited).count()) +
         " s: " + sink.trouble;
}

Result<void> wait_while_parked(publisher::BatchSink& sink, HeartbeatSender& heartbeats,
                               SharedStatus& board, std::stop_token stop, Backoff backoff,
                               const std::function<void(std::chrono::milliseconds)>& pause) {
  const auto since = Clock::now();
  Clock::time_point warned_at{};
  while (!stop.stop_requested()) {
    pause(backoff.next());
    const auto now = wall_clock();
    const auto taken = sink.send({heartbeats.make(board.read(), now)}, stop);
    if (taken) {
      SPDLOG_INFO("the sink answers again, resuming parked_seconds={}", seconds_parked(since));
      heartbeats.sent(Clock::now());
      heartbeats.send_now();  // the next one says that it streams
      return {};
    }
    if (stop.stop_requested()) break;
    if (!retryable(taken.error())) return taken;
    board.update(
        [&](ConnectorStatus& status) { status.stream.problem = to_string(taken.error()); });
    if (Clock::now() - warned_at < kWarnInterval) continue;
    warned_at = Clock::now();
    SPDLOG_WARN("parked, the sink takes nothing parked_seconds={} reason={}", seconds_parked(since),
                to_string(taken.error()));
  }
  return {};
}

}  // namespace walpulse::connector
