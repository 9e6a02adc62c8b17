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

}  // namespace walpulse::monitor
