#include <chrono>
#include <mutex>
#include <utility>

#include "decoder/base/clock.h"
#include "monitor/channels/channels.h"
#include "monitor/channels/verdict.h"
#include "monitor/messages/formats.h"
#include "monitor/rules/secret_places.h"

namespace walpulse::monitor::channels {
namespace {

using Clock = std::chrono::steady_clock;

/// Answers beside 202 (https://developer.pagerduty.com/docs/send-alert-event): 400 is an event that
/// is wrong, 429 comes again.
class PagerDutyChannel final : public Channel {
 public:
  PagerDutyChannel(PagerDutySettings settings, ChannelTools tools)
      : settings_(std::move(settings)), tools_(std::move(tools)) {}

  /// A message of many problems is as many events. What was taken of it is known for the next
  /// attempt of this process; another one begins at the front, which makes no incident twice.
  Answer send(const Outgoing& outgoing, std::chrono::milliseconds deadline,
              std::stop_token stop) override {
    const auto message = messages::message_from(outgoing.content);
    if (!message) return never(to_string(message.error()));
    const auto routing_key = read_secret(settings_.routing_key, tools_.environment);
    const auto key = key_header(outgoing.key);
    Redaction redaction;
    if (!key) return verdict_of(key.error(), redaction);
    if (!routing_key) return verdict_of(routing_key.error(), redaction);
    redaction.add(*routing_key);
    if (const auto safe = rules::keeps_secrets(settings_.url); !safe)
      return verdict_of(safe.error(), redaction);
    const auto events = messages::pagerduty_events(*message, *routing_key);
    const Clock::time_point end = Clock::now() + deadline;
    Answer answer = taken("nothing to send");
    const std::size_t first = taken_of(outgoing.key);
    for (std::size_t at = first; at < events.size(); ++at) {
      const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end - Clock::now());
      // The first one is tried, however little time there is.
      if (left.count() <= 0 && at != first)
        return partly(std::to_string(at) + " of " + std::to_string(events.size()) +
                      " events are sent");
      answer = send_one(events[at], *key, left, stop, redaction);
      if (answer.verdict != Answer::Verdict::taken) return answer;
      keep(outgoing.key, at + 1);
    }
    return answer;
  }

 private:
  Answer send_one(const std::string& event, const std::string& key_field,
                  std::chrono::milliseconds left, const std::stop_token& stop,
                  const Redaction& redaction) const {
    http::Request request;
    request.url = settings_.url;
    request.headers = {"Content-Type: application/json", key_field};
    request.body = event;
    request.timeout = left;
    request.stop = stop;
    const auto response = tools_.http.send(request);
    if (!response) return verdict_of(response.error(), redaction);
    return verdict_of(*response, redaction, wall_clock());
  }

  std::size_t taken_of(const std::string& key) const {
    const std::lock_guard lock(mutex_);
    return key == key_ ? taken_ : 0;
  }
  void keep(const std::string& key, std::size_t taken) {
    const std::lock_guard lock(mutex_);
    key_ = key;
    taken_ = taken;
  }

  const PagerDutySettings settings_;
  const ChannelTools tools_;
  mutable std::mutex mutex_;
  std::string key_;  ///< Of the delivery that went out last, as far as it did.
  std::size_t taken_ = 0;
};

}  // namespace

std::unique_ptr<Channel> make_pagerduty_channel(PagerDutySettings settings, ChannelTools tools) {
  return std::make_unique<PagerDutyChannel>(std::move(settings), std::move(tools));
}

}  // namespace walpulse::monitor::channels
