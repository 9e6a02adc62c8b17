#pragma once

#include <string>
#include <vector>

#include "monitor/command/doctor_checks.h"
#include "monitor/options/options.h"
#include "publisher/pubsub/client.h"

namespace walpulse::monitor {

/// What `doctor` says of a subscription's settings, whoever takes its messages: it has to keep and
/// hand out each of them until the monitor acknowledges. Pure.
/// Whether a message may be later than `settle`: refused at the end of its deadline, and brought
/// again after the longest backoff.
std::vector<Check> check_lateness(const std::string& name,
                                  const pubsub::SubscriptionSettings& settings,
                                  std::chrono::milliseconds settle);
std::vector<Check> check_subscription(const std::string& name,
                                      const pubsub::SubscriptionSettings& settings);
/// Whether `serve` with these options can pull from it.
Check check_pulled(const std::string& name, const pubsub::SubscriptionSettings& settings);
/// Whether `serve` with these options lets its pushes in: endpoint, envelope, account, audience.
std::vector<Check> check_pushing(const ServeOptions& options,
                                 const pubsub::SubscriptionSettings& settings);

/// Asks Pub/Sub about the subscriptions and the dead-letter topic that the options name.
void check_pubsub(pubsub::Client& pubsub, const ServeOptions& options, std::vector<Check>& checks);

}  // namespace walpulse::monitor
