#include "publisher/auth/token_source.h"

#include <utility>

namespace walpulse::auth {
namespace {

class AnonymousTokenSource final : public TokenSource {
 public:
  Result<std::string> token() override { return std::string(); }
  void invalidate(const std::string&) override {}
};

}  // namespace

std::unique_ptr<TokenSource> make_anonymous_token_source() {
  return std::make_unique<AnonymousTokenSource>();
}

bool takes_tokens(std::string_view endpoint) { return endpoint.starts_with("https://"); }

Result<std::unique_ptr<TokenSource>> make_token_source_for(std::string_view endpoint,
                                                           http::Client& http,
                                                           const CredentialOptions& options) {
  if (!takes_tokens(endpoint)) return make_anonymous_token_source();
  return make_default_token_source(http, options);
}

Result<http::Response> send_authorized(http::Client& http, TokenSource& tokens,
                                       http::Request request) {
  const std::vector<std::string> own_headers = request.headers;
  for (bool again = false;; again = true) {
    const Result<std::string> token = tokens.token();
    if (!token) return tl::unexpected(token.error());
    request.headers = own_headers;
    if (const std::string project = tokens.quota_project(); !project.empty()) {
      request.headers.push_back("X-Goog-User-Project: " + project);
    }
    if (!token->empty()) request.headers.push_back("Authorization: Bearer " + *token);
    Result<http::Response> response = http.send(request);
    if (!response || response->status != 401 || token->empty() || again) return response;
    tokens.invalidate(*token);
  }
}

}  // namespace walpulse::auth
