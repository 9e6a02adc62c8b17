#include "publisher/auth/metadata_server.h"

#include <algorithm>
#include <chrono>
#include <sstream>

#include "publisher/auth/token_response.h"

namespace walpulse::auth {
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
bool says_google(const http::Response& response) {
  return std::any_of(response.headers.begin(), response.headers.end(), [](const auto& header) {
    return header.first == "metadata-flavor" && header.second == "Google";
  });
}

}  // namespace

Result<std::string> ask_metadata_server(http::Client& http, const std::string& host,
                                        const std::string& path, const std::string& what) {
  http::Request request;
  request.method = http::Method::get;
  request.url = "http://" + host + "/computeMetadata/v1/" + path;
  request.headers = {"Metadata-Flavor: Google"};
  request.timeout = kTimeout;
  Result<http::Response> response = http.send(request);
  if (!response) {
    return fail(ErrorKind::unavailable, what + ": " + response.error().message + kNoCredentials);
  }
  if (!says_google(*response)) {
    return fail(ErrorKind::denied, what + ": it does not answer as Google's" + kNoCredentials);
  }
  const auto fine = issued(response, what, "attach a service account to this machine or service");
  if (!fine) return tl::unexpected<Error>(fine.error());
  return std::move(response->body);
}

FetchToken metadata_server_tokens(http::Client& http, const std::string& host,
                                  const std::vector<std::string>& scopes) {
  std::string path = "instance/service-accounts/default/token";
  if (!scopes.empty()) path += "?scopes=" + comma_separated(scopes);
  return [&http, host, path = std::move(path)]() -> Result<AccessToken> {
    const std::string what = "token from the metadata server " + host;
    auto body = ask_metadata_server(http, host, path, what);
    if (!body) return tl::unexpected<Error>(body.error());
    http::Response response;
    response.status = 200;
    response.body = *std::move(body);
    return read_token(response, what, "");
  };
}

Result<std::vector<std::string>> metadata_server_scopes(http::Client& http,
                                                        const std::string& host) {
  const auto body = ask_metadata_server(http, host, "instance/service-accounts/default/scopes",
                                        "scopes from the metadata server " + host);
  std::vector<std::string> scopes;
  if (!body && body.error().kind == ErrorKind::denied) return scopes;
  if (!body) return tl::unexpected<Error>(body.error());
  std::istringstream lines(*body);
  for (std::string line; lines >> line;) scopes.push_back(line);
  return scopes;
}

}  // namespace walpulse::auth
