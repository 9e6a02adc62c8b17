#include "publisher/gcp/metadata_server.h"

#include <algorithm>
#include <chrono>

#include "publisher/gcp/token_response.h"

namespace walpulse::gcp {
namespace {

/// It is one hop away; Google's own libraries wait as long.
constexpr std::chrono::seconds kTimeout{3};
constexpr const char* kNoCredentials =
    "; no credentials found: set GOOGLE_APPLICATION_CREDENTIALS=/path/to/key.json, or run on "
    "Google "
    "Cloud with a service account attached";

std::string comma_separated(const std::vector<std::string>& scopes) {
  std::string text;
  for (const std::string& scope : scopes) text += (text.empty() ? "" : ",") + scope;
  return text;
}

/// Some other server of that name (a captive portal, a wildcard DNS entry) must not hand out
/// tokens.
bool says_google(const HttpResponse& response) {
  return std::any_of(response.headers.begin(), response.headers.end(), [](const auto& header) {
    return header.first == "metadata-flavor" && header.second == "Google";
  });
}

}  // namespace

FetchToken metadata_server_tokens(HttpClient& http, const std::string& host,
                                  const std::vector<std::string>& scopes) {
  std::string url =
      "http://" + host + "/computeMetadata/v1/instance/service-accounts/default/token";
  if (!scopes.empty()) url += "?scopes=" + comma_separated(scopes);
  return [&http, host, url = std::move(url)]() -> Result<AccessToken> {
    const std::string what = "token from the metadata server " + host;
    HttpRequest request;
    request.method = Method::get;
    request.url = url;
    request.headers = {"Metadata-Flavor: Google"};
    request.timeout = kTimeout;
    const Result<HttpResponse> response = http.send(request);
    if (!response) {
      return fail(ErrorKind::unavailable, what + ": " + response.error().message + kNoCredentials);
    }
    if (!says_google(*response)) {
      return fail(ErrorKind::denied, what + ": it does not answer as Google's" + kNoCredentials);
    }
    return read_token(response, what, "attach a service account to this machine or service");
  };
}

}  // namespace walpulse::gcp
