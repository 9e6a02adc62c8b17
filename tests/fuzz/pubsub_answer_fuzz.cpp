#include <array>
#include <string>

#include "publisher/auth/token_response.h"
#include "publisher/http/api_error.h"
#include "publisher/pubsub/client.h"
#include "tests/fuzz/fuzz.h"

// Input: which status (one byte), then the body that Pub/Sub, or the issuer of its tokens, answers.

namespace walpulse {
namespace {

using fuzz::require;

void check_pulled(const std::string& body) {
  const auto pulled = pubsub::parse_pull_response(body);
  if (!pulled) {
    require(pulled.error().kind == ErrorKind::malformed, "no pull answer is malformed");
    return;
  }
  for (const auto& received : *pulled) {
    require(!received.ack_id.empty(), "what is pulled can be acknowledged");
    require(received.message.data.size() <= body.size(), "data come out of the body");
  }
}

void check_status(const http::Response& response) {
  const auto answer = http::check(response, "publish");
  require(answer.has_value() == (response.status / 100 == 2), "2xx alone is good");
  if (!answer) {
    require(answer.error().message.size() < 1000, "a body of any length is quoted short");
  }
  const auto token = auth::read_token(response, "token", "remedy");
  require(token || token.error().kind == ErrorKind::unavailable ||
              token.error().kind == ErrorKind::denied,
          "no token is denied, or to be asked for again");
  if (token) {
    require(token->lifetime.count() > 0, "a token lives");
    require(token->text.find_first_of("\r\n") == std::string::npos, "a token is one line");
  }
}

}  // namespace
}  // namespace walpulse

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace walpulse;
  static constexpr std::array kStatuses{200, 204, 301, 400, 401, 403, 404, 408, 409, 429, 499, 503};
  if (size == 0) return 0;
  http::Response response;
  response.status = kStatuses[data[0] % kStatuses.size()];
  response.body = fuzz::text(data + 1, size - 1);
  check_pulled(response.body);
  fuzz::require(pubsub::count_message_ids(response.body) <= response.body.size() / 2,
                "an id takes its bytes");
  pubsub::grants(response.body, "pubsub.topics.publish");
  check_status(response);
  return 0;
}
