#include "connector/capture/session_guard.h"

#include "connector/capture/parking.h"

namespace walpulse::connector {
namespace {

constexpr std::chrono::milliseconds kInterval{500};

}  // namespace

SessionGuard::SessionGuard(GuardOptions options, publisher::Publisher& publisher)
    : options_(std::move(options)), publisher_(publisher) {}

tl::expected<std::optional<Surroundings>, SessionEnd> SessionGuard::look(Clock::time_point now) {
  if (now - looked_at_ < kInterval) return std::optional<Surroundings>();
  looked_at_ = now;
  if (auto end = judge_publisher(now)) return tl::unexpected<SessionEnd>(std::move(*end));
  auto around = options_.look_around ? options_.look_around() : Surroundings{};
  if (around.server_leaves) {
    return tl::unexpected<SessionEnd>(
        SessionEnd{EndCause::server, {ErrorKind::unavailable, *around.server_leaves}});
  }
  return std::optional(std::move(around));
}

std::optional<SessionEnd> SessionGuard::judge_publisher(Clock::time_point now) {
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
