#pragma once

#include <memory>
#include <string>
#include <vector>

#include "publisher/http/client.h"
#include "publisher/pubsub/connection.h"
#include "publisher/sinks/sink.h"

namespace walpulse::publisher {

struct PubsubSinkOptions {
  std::string topic;  ///< "projects/P/topics/T".
  std::chrono::milliseconds request_timeout{60'000};
};

/// projects.topics.publish: one ordering key a request, as Pub/Sub demands, up to 1,000 messages
/// and safely below 10,000,000 bytes (https://cloud.google.com/pubsub/quotas#resource_limits).
/// Success is an answer with a message id for each message.
std::unique_ptr<Sink> make_pubsub_sink(std::unique_ptr<http::Client> http,
                                       pubsub::Connection connection,
                                       const PubsubSinkOptions& options);

/// The body of one publish request.
std::string publish_body(const std::vector<Message>& batch);

}  // namespace walpulse::publisher
