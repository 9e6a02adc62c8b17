#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "decoder/base/result.h"

namespace walpulse::pubsub {

/// How a subscription is set, as far as it matters to whoever takes its messages
/// (https://cloud.google.com/pubsub/docs/reference/rest/v1/projects.subscriptions).
struct SubscriptionSettings {
  std::string topic;  ///< "projects/P/topics/T"; "_deleted-topic_" where that is gone.
  std::string filter;
  std::string dead_letter_topic;  ///< Empty: no dead-letter policy.
  std::string expires_after;      ///< "2678400s" without any use; empty: never, or not said.
  std::string push_endpoint;      ///< Empty: it is pulled.
  std::string push_account;       ///< Of the OIDC token; empty: none is sent.
  std::string push_audience;      ///< Empty: the push endpoint.
  bool push_unwrapped = false;    ///< The bare payload instead of the envelope.
  std::chrono::seconds ack_deadline{10};
  /// The longest pause before a refused message comes again; empty: it comes at once.
  std::optional<std::chrono::seconds> backoff_max;
  bool ordered = false;
  bool detached = false;
  bool archives = false;  ///< It writes to BigQuery, Cloud Storage or Bigtable.
};

/// Of the answer to subscriptions.get; unavailable where it is none.
Result<SubscriptionSettings> parse_subscription(const std::string& body);

}  // namespace walpulse::pubsub
