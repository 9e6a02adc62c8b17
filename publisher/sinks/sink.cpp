#include "publisher/sinks/sink.h"

#include <unistd.h>

#include <utility>

#include "decoder/base/error_context.h"
#include "publisher/auth/token_source.h"
#include "publisher/http/client.h"
#include "publisher/pubsub/connection.h"
#include "publisher/sinks/pubsub_sink.h"
#include "publisher/sinks/push_sink.h"
#include "publisher/sinks/sink_url.h"
#include "publisher/sinks/stdout_sink.h"

namespace walpulse::publisher {
namespace {

Result<std::unique_ptr<Sink>> pubsub_sink(std::string_view url, const SinkOptions& options) {
  const Result<std::string> topic = parse_topic_url(url);
  if (!topic) return forward(topic);
  auto http = http::make_client();
  auto connection = pubsub::connect(*http, options.environment);
  if (!connection) return forward(connection);
  PubsubSinkOptions sink;
  sink.topic = *topic;
  sink.request_timeout = options.request_timeout;
  return make_pubsub_sink(std::move(http), *std::move(connection), sink);
}

/// What a Cloud Run service is called by: its URL without a path.
std::string origin_of(const std::string& url) {
  const std::size_t host = url.find("://") + 3;
  return url.substr(0, url.find_first_of("/?", host));
}

Result<std::unique_ptr<Sink>> push_sink(std::string_view url, const SinkOptions& options) {
  Result<std::string> push_url = parse_push_url(url);
  if (!push_url) return tl::unexpected(push_url.error());
  auto http = http::make_client();
  std::string audience = options.push_audience;
  if (audience.empty() && push_url->starts_with("https://")) audience = origin_of(*push_url);
  std::unique_ptr<auth::TokenSource> identity;
  if (!audience.empty() && audience != "none") {
    auth::CredentialOptions credentials;
    credentials.environment = options.environment;
    auto made = auth::make_identity_token_source(*http, audience, credentials);
    if (!made) {
      return fail(with_remedy("--push-audience none sends no identity token", made.error()));
    }
    identity = *std::move(made);
  }
  return make_push_sink(std::move(http), *std::move(push_url), options.request_timeout,
                        std::move(identity));
}

}  // namespace

Result<std::unique_ptr<Sink>> make_sink(std::string_view url, const SinkOptions& options) {
  if (url == "stdout") return make_stdout_sink(STDOUT_FILENO);
  if (url.substr(0, 4) == "http") return push_sink(url, options);
  if (url.substr(0, 6) == "pubsub") return pubsub_sink(url, options);
  return fail(ErrorKind::rejected, '"' + std::string(url) + "\" is no sink",
              "give pubsub://my-project/mage-runs, http://127.0.0.1:8080/push or stdout");
}

}  // namespace walpulse::publisher
