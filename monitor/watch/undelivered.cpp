#include "monitor/watch/undelivered.h"

#include <string>
#include <utility>

namespace walpulse::monitor {

std::vector<Finding> undelivered_findings(std::span<const GivenUp> channels, Timestamp now) {
  std::vector<Finding> findings;
  for (const GivenUp& each : channels) {
    if (each.last.ended.value_or(each.first) + kUndeliveredShown < now) continue;
    Finding finding;
    finding.key = {ProblemKind::undelivered, "", each.channel, ""};
    finding.since = each.first;
    finding.severity = Severity::page;
    finding.evidence = {{"channel", each.channel},
                        {"given_up", std::to_string(each.count)},
                        {"delivery", std::to_string(each.last.id)},
                        {"of", each.last.of},
                        {"answer", each.last.answer}};
    findings.push_back(std::move(finding));
  }
  return findings;
}

std::vector<GivenUp> read_given_up(Transaction& in) {
  std::vector<GivenUp> channels;
  for (const DeliveryCount& each : in.deliveries().counts()) {
    if (each.state != Delivery::State::given_up) continue;
    auto newest = in.deliveries().list({each.state, each.channel, std::nullopt, 1});
    if (newest.empty()) continue;
    channels.push_back({each.channel, each.count, each.oldest, std::move(newest.front())});
  }
  return channels;
}

}  // namespace walpulse::monitor
