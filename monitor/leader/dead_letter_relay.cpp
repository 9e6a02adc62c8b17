#include "monitor/leader/dead_letter_relay.h"

#include <utility>

#include "decoder/base/logging.h"
#include "decoder/schema/message_attributes.h"
#include "publisher/telemetry/trace_context.h"

namespace walpulse::monitor {
namespace {

std::string_view shortened(std::string_view text) {
  return schema::cut_utf8(text, schema::kAttributeValueBytesMax);
}

/// A message that was forwarded before and came back has our attributes already: the newest count.
schema::AttributesJson attributes_of(const RejectedMessage& rejected) {
  schema::Attributes attributes = rejected.message.attributes;
  attributes.set("walpulse_rejected", shortened(rejected.reason));
  attributes.set("walpulse_message_id", shortened(rejected.message.message_id));
  return attributes;
}

}  // namespace

DeadLetterRelay::DeadLetterRelay(RejectedMessages& ledger, pubsub::Client& pubsub,
                                 DeadLetterOptions options)
    : ledger_(ledger),
      pubsub_(pubsub),
      options_(std::move(options)),
      rounds_([this](std::stop_token stop) { return forward(std::move(stop)); }) {}

std::string DeadLetterRelay::health() const {
  const std::lock_guard lock(mutex_);
  return trouble_;
}

std::chrono::milliseconds DeadLetterRelay::forward(std::stop_token stop) {
  const auto messages = ledger_.unforwarded(options_.messages_max);
  if (!messages) {
    note("rejected messages cannot be read: " + to_string(messages.error()));
    return options_.rest;
  }
  const std::span<const RejectedMessage> all = *messages;
  for (std::size_t done = 0; done < all.size();) {
    const auto part = all.subspan(done, fitting(all.subspan(done)));
    if (const auto forwarded = forward(part, stop); !forwarded) {
      if (!stop.stop_requested()) {
        note("rejected messages are not forwarded to " + options_.topic + ": " +
             to_string(forwarded.error()));
      }
      return options_.rest;
    }
    done += part.size();
  }
  note("");
  const bool more = all.size() == options_.messages_max;
  return more ? std::chrono::milliseconds(0) : options_.rest;
}

std::size_t DeadLetterRelay::fitting(std::span<const RejectedMessage> messages) const {
  std::size_t count = 0;
  std::size_t bytes = 0;
  for (const RejectedMessage& each : messages) {
    bytes += pubsub::publish_message_bytes(each.message.data, attributes_of(each), "") + 1;
    if (count > 0 && bytes > options_.bytes_max) break;
    ++count;
  }
  return count;
}

Result<void> DeadLetterRelay::publish(std::span<const RejectedMessage> messages,
                                      std::stop_token stop) {
  std::string body = R"({"messages":[)";
  for (const RejectedMessage& each : messages) {
    if (body.back() == '}') body += ',';
    pubsub::append_publish_message(body, each.message.data, attributes_of(each), "");
  }
  body += "]}";
  const auto count =
      pubsub_.publish(options_.topic, body, pubsub::Client::kCallTimeout, std::move(stop));
  if (!count) return tl::unexpected<Error>(count.error());
  if (*count < messages.size()) {
    return fail(ErrorKind::unavailable, "fewer messages were taken than sent");
  }
  return {};
}

/// One message that Pub/Sub will never take must not hold up those behind it.
Result<void> DeadLetterRelay::forward(std::span<const RejectedMessage> messages,
                                      std::stop_token stop) {
  auto published = publish(messages, stop);
  if (!published && published.error().kind == ErrorKind::rejected) {
    if (messages.size() > 1) {
      const std::size_t half = messages.size() / 2;
      if (auto first = forward(messages.first(half), stop); !first) return first;
      return forward(messages.subspan(half), std::move(stop));
    }
    const telemetry::TraceScope trace(telemetry::traceparent_of(messages[0].message.attributes));
    SPDLOG_ERROR(
        "a rejected message cannot be forwarded, it stays in the ledger id={} error=\"{}\"",
        messages[0].id, to_string(published.error()));
  } else if (!published) {
    return published;
  }
  std::vector<std::int64_t> ids;
  for (const RejectedMessage& each : messages) ids.push_back(each.id);
  return ledger_.mark_forwarded(ids);
}

void DeadLetterRelay::note(const std::string& trouble) {
  const std::lock_guard lock(mutex_);
  if (!trouble.empty() && trouble != trouble_) SPDLOG_WARN("{}", trouble);
  trouble_ = trouble;
}

}  // namespace walpulse::monitor
