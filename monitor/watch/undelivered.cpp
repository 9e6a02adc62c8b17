#include "monitor/watch/undelivered.h"

#include <string>
#include <utility>

namespace walpulse::monitor {

std::vector<Finding> undelivered_findings(std::span<const GivenUp> channels) {
  std::vector<Finding> findings;
  for (const GivenUp& each : channels) {
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

std::vector<GivenUp> read_given_up(Transaction& in, Timestamp now) {
  std::vector<GivenUp> channels;
  for (const DeliveryCount& each : in.deliveries().counts()) {
    if (each.state != Delivery::State::given_up) continue;
    auto last = in.deliveries().given_up(each.channel, 1);
    if (last.empty() || last.front().ended < now - kUndeliveredShown) continue;
    channels.push_back({each.channel, each.count, each.oldest, std::move(last.front())});
  }
  return channels;
}

}  // namespace walpulse::monitor
