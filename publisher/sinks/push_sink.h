#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "publisher/auth/token_source.h"
#include "publisher/http/client.h"
#include "publisher/sinks/sink.h"

namespace walpulse::publisher {

/// Posts each message straight to a monitor, in the envelope that Pub/Sub's push would use
/// (https://cloud.google.com/pubsub/docs/push): one request a message, a batch one after the other.
/// Where one fails, the batch's earlier messages are delivered and come again with the retry.
/// `identity`: where its tokens come from, which say who we are; null sends none.
std::unique_ptr<Sink> make_push_sink(std::unique_ptr<http::Client> http, std::string url,
                                     std::chrono::milliseconds request_timeout,
                                     std::unique_ptr<auth::TokenSource> identity = nullptr);

}  // namespace walpulse::publisher
