#include "connector/capture/session_watchdog.h"

#include "connector/capture/parking.h"

namespace walpulse::connector {
namespace {

constexpr std::chrono::milliseconds kInterval{500};

}  // namespace

SessionWatchdog::SessionWatchdog(WatchdogOptions options, publisher::Publisher& publisher)
    : options_(std::move(options)), publisher_(publisher) {}

tl::expected<std::optional<SessionEnvironment>, SessionEnd> SessionWatchdog::look(
    Clock::time_point now) {
  if (now - looked_at_ < kInterval) return std::optional<SessionEnvironment>();
  looked_at_ = now;
  if (auto end = judge_publisher(now)) return tl::unexpected<SessionEnd>(std::move(*end));
  auto environment = options_.poll_environment ? options_.poll_environment() : SessionEnvironment{};
  if (environment.server_leaves) {
    return tl::unexpected<SessionEnd>(
        SessionEnd{EndCause::server, {ErrorKind::unavailable, *environment.server_leaves}});
  }
  return std::optional(std::move(environment));
}

std::optional<SessionEnd> SessionWatchdog::judge_publisher(Clock::time_point now) {
  // A message that can never be delivered is noticed also while no other follows it.
  const auto drained = publisher_.drain(Clock::time_point{});
  if (!drained && drained.error().kind != ErrorKind::timed_out) {
    return SessionEnd{EndCause::publisher, drained.error()};
  }
  if (options_.park_after.count() == 0) return std::nullopt;
  auto reason = park_reason(publisher_.status(), now, options_.park_after);
  if (!reason) return std::nullopt;
  return SessionEnd{EndCause::sink, {ErrorKind::unavailable, std::move(*reason)}};
}

}  // namespace walpulse::connector
