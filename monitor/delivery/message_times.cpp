#include "monitor/delivery/message_times.h"

namespace walpulse::monitor {

bool repeat_due(const std::optional<std::chrono::milliseconds>& repeat,
                const std::optional<Timestamp>& told, Timestamp now) {
  return repeat && told && now >= *told + *repeat;
}

bool is_too_old(Timestamp at, const std::optional<Timestamp>& server_now,
                const std::optional<std::chrono::milliseconds>& not_older_than) {
  return not_older_than && server_now && *server_now - at > *not_older_than;
}

std::optional<Timestamp> expires(Timestamp at, Timestamp server_now,
                                 const std::optional<std::chrono::milliseconds>& not_older_than,
                                 Timestamp wall) {
  if (!not_older_than) return std::nullopt;
  const auto age = std::max(server_now - at, Timestamp::duration::zero());
  return wall + std::max<Timestamp::duration>(*not_older_than - age, Timestamp::duration::zero());
}

}  // namespace walpulse::monitor
