#include "publisher/sinks/pubsub_sink.h"

#include <utility>

#include "decoder/base/logging.h"

namespace walpulse::publisher {
namespace {

constexpr std::size_t kPubsubMessagesMax = 1000;
/// The service's limit is 10,000,000; what it counts beside the body is not documented.
constexpr std::size_t kBodyBytesMax = 9'000'000;

std::size_t body_bytes(const Message& message) {
  constexpr std::size_t kComma = 1;
  return pubsub::publish_message_bytes(message.data, message.attributes, message.ordering_key) +
         kComma;
}

class PubsubSink final : public Sink {
 public:
  PubsubSink(std::unique_ptr<http::Client> http, pubsub::Connection connection,
             const PubsubSinkOptions& options)
      : http_(std::move(http)),
        connection_(std::move(connection)),
        topic_(options.topic),
        request_timeout_(options.request_timeout) {}

  Result<void> send(const std::vector<Message>& batch, std::stop_token stop) override {
    const std::string body = publish_body(batch);
    const Result<std::size_t> ids =
        connection_.client->publish(topic_, body, request_timeout_, std::move(stop));
    if (!ids) return tl::unexpected(ids.error());
    if (*ids < batch.size()) {
      return fail(ErrorKind::unavailable, "publish to " + topic_ + ": " + std::to_string(*ids) +
                                              " message ids for " + std::to_string(batch.size()) +
                                              " messages");
    }
    return {};
  }

  std::size_t batch_messages_max() const override { return kPubsubMessagesMax; }
  std::size_t batch_bytes_max() const override { return kBodyBytesMax; }
  std::size_t wire_bytes(const Message& message) const override { return body_bytes(message); }
  Result<void> check() override {
    const Result<bool> known = connection_.client->may_publish(topic_);
    if (!known) return tl::unexpected(known.error());
    if (!*known) SPDLOG_INFO("publish permission not verifiable up front sink={}", name());
    return {};
  }

  std::string identity() const override {
    const std::string project = connection_.tokens->quota_project();
    return connection_.tokens->identity() + (project.empty() ? "" : ", quota project " + project);
  }
  std::string name() const override {
    // "projects/P/topics/T" as it was given.
    const std::size_t project = topic_.find('/') + 1;
    const std::size_t end = topic_.find('/', project);
    return "pubsub://" + topic_.substr(project, end - project) + topic_.substr(topic_.rfind('/'));
  }

 private:
  const std::unique_ptr<http::Client> http_;
  const pubsub::Connection connection_;
  const std::string topic_;
  const std::chrono::milliseconds request_timeout_;
};

}  // namespace

std::unique_ptr<Sink> make_pubsub_sink(std::unique_ptr<http::Client> http,
                                       pubsub::Connection connection,
                                       const PubsubSinkOptions& options) {
  return std::make_unique<PubsubSink>(std::move(http), std::move(connection), options);
}

std::string publish_body(const std::vector<Message>& batch) {
  constexpr std::string_view kHead = "{\"messages\":[";
  std::size_t bytes = kHead.size() + 2;
  for (const Message& message : batch) bytes += body_bytes(message);
  std::string body;
  body.reserve(bytes);
  body += kHead;
  for (const Message& message : batch) {
    if (&message != &batch.front()) body += ',';
    pubsub::append_publish_message(body, message.data, message.attributes, message.ordering_key);
  }
  body += "]}";
  return body;
}

}  // namespace walpulse::publisher
