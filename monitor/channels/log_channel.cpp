#include <utility>

#include "monitor/channels/channels.h"
#include "monitor/channels/verdict.h"
#include "monitor/messages/formats.h"
#include "publisher/telemetry/log.h"

namespace walpulse::monitor::channels {
namespace {

class LogChannel final : public Channel {
 public:
  Answer send(const Outgoing& outgoing, std::chrono::milliseconds, std::stop_token) override {
    if (outgoing.kind == Delivery::Kind::call) return never("the log cannot be called");
    const auto message = messages::message_from(outgoing.content);
    if (!message) return never(to_string(message.error()));
    for (const messages::LogLine& line : messages::log_lines(*message))
      telemetry::log_structured(line.severity.c_str(), line.message, line.fields, line.group);
    return taken("written");
  }
};

}  // namespace

std::unique_ptr<Channel> make_log_channel() { return std::make_unique<LogChannel>(); }

}  // namespace walpulse::monitor::channels
