#include "connector/replay/sink_wait.h"

namespace walpulse::connector {

bool await_delivery(publisher::Publisher& publisher, const std::stop_token& stop,
                    std::chrono::steady_clock::duration patience,
                    const std::function<void(const publisher::PublisherStatus&)>& stuck) {
  constexpr std::chrono::milliseconds kSlice{500};
  bool told = false;
  while (!stop.stop_requested()) {
    const auto drained = publisher.drain(std::chrono::steady_clock::now() + kSlice);
    if (drained || drained.error().kind != ErrorKind::timed_out) return true;
    const auto status = publisher.status();
    if (told || !status.waiting_since ||
        std::chrono::steady_clock::now() - *status.waiting_since <= patience)
      continue;
    told = true;
    stuck(status);
  }
  return false;
}

}  // namespace walpulse::connector
