#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "decoder/base/timestamp.h"

namespace walpulse::monitor {

/// Whether a problem that is still open is to be told again. `told` is when it was told last;
/// nothing: never, and then there is nothing to repeat.
bool repeat_due(const std::optional<std::chrono::milliseconds>& repeat,
                const std::optional<Timestamp>& told, Timestamp now);

/// At most so many calls in so long.
struct CallLimit {
  std::int64_t count = 0;
  std::chrono::milliseconds period{};
};
/// Whether one more may be made, where `made` were in the period before it. A loop of calls that
/// call each other stops itself.
inline bool may_call(const std::optional<CallLimit>& limit, std::int64_t made) {
  return !limit || made < limit->count;
}

/// Whether what happened at `at` lies too far back for what is to follow it. `server_now` is the
/// newest instant known of the source, by the same clock; nothing: unknown, and then it does not.
bool is_too_old(Timestamp at, const std::optional<Timestamp>& server_now,
                const std::optional<std::chrono::milliseconds>& not_older_than);

/// When that will be so, by this machine's clock, which shows `wall` now; nothing: never.
std::optional<Timestamp> expires(Timestamp at, Timestamp server_now,
                                 const std::optional<std::chrono::milliseconds>& not_older_than,
                                 Timestamp wall);

}  // namespace walpulse::monitor
