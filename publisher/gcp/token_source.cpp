#include "publisher/gcp/token_source.h"

#include <utility>

namespace walpulse::gcp {
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

Result<HttpResponse> send_authorized(HttpClient& http, TokenSource& tokens, HttpRequest request) {
  const std::vector<std::string> own_headers = request.headers;
  for (bool again = false;; again = true) {
    const Result<std::string> token = tokens.token();
    if (!token) return tl::unexpected(token.error());
    request.headers = own_headers;
    if (const std::string project = tokens.quota_project(); !project.empty()) {
      request.headers.push_back("X-Goog-User-Project: " + project);
    }
    if (!token->empty()) request.headers.push_back("Authorization: Bearer " + *token);
    Result<HttpResponse> response = http.send(request);
    if (!response || response->status != 401 || token->empty() || again) return response;
    tokens.invalidate(*token);
  }
}

}  // namespace walpulse::gcp
