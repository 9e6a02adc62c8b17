#include "publisher/auth/token_response.h"

#include <algorithm>
#include <cstdint>
#include <nlohmann/json.hpp>

#include "decoder/base/error_context.h"
#include "decoder/base/json_dom.h"
#include "publisher/http/api_error.h"
#include "publisher/http/url_encoding.h"

namespace walpulse::auth {
namespace {

constexpr std::chrono::seconds kIssuerTimeout{15};
/// Sane bounds, so that no arithmetic on a forged lifetime overflows.
constexpr std::chrono::seconds kLifetimeMax{24 * 3600};

/// It becomes a header line: a line break in it would begin another header.
bool is_header_text(const std::string& token) {
  return !token.empty() &&
         std::all_of(token.begin(), token.end(), [](char c) { return c > ' ' && c <= '~'; });
}

}  // namespace

Result<http::Response> post_form(
    http::Client& http, const std::string& url,
    const std::vector<std::pair<std::string_view, std::string_view>>& fields) {
  const std::string form = http::form_of(fields);
  http::Request request;
  request.url = url;
  request.headers = {"Content-Type: application/x-www-form-urlencoded"};
  request.body = form;
  request.timeout = kIssuerTimeout;
  return http.send(request);
}

Result<void> issued(const Result<http::Response>& response, const std::string& what,
                    const std::string& remedy) {
  if (!response) {
    const bool refused = !retryable(response.error()) || response.error().kind == ErrorKind::denied;
    return fail(of_kind(refused ? ErrorKind::denied : ErrorKind::unavailable,
                        in_context(what, response.error())));
  }
  if (const Result<void> answer = http::check(*response, what); !answer) {
    if (answer.error().kind == ErrorKind::unavailable) return tl::unexpected(answer.error());
    return fail(of_kind(ErrorKind::denied, with_remedy(remedy, answer.error())));
  }
  return {};
}

Result<AccessToken> usable_token(std::string text, std::chrono::seconds lifetime,
                                 const std::string& what) {
  if (!is_header_text(text) || lifetime.count() <= 0) {
    return fail(ErrorKind::unavailable, what + ": the answer holds no usable token");
  }
  return AccessToken{std::move(text), std::min(lifetime, kLifetimeMax)};
}

Result<AccessToken> read_token(const Result<http::Response>& response, const std::string& what,
                               const std::string& remedy) {
  if (const auto fine = issued(response, what, remedy); !fine) {
    return forward(fine);
  }
  const auto json = parse_json(response->body);
  if (!json.is_object() || !json.contains("access_token") || !json["access_token"].is_string() ||
      !json.contains("expires_in") || !json["expires_in"].is_number_integer()) {
    return fail(ErrorKind::unavailable, what + ": the answer holds no token");
  }
  return usable_token(json["access_token"].get<std::string>(),
                      std::chrono::seconds(json["expires_in"].get<std::int64_t>()), what);
}

}  // namespace walpulse::auth
