#include "publisher/auth/metadata_server.h"

#include <algorithm>
#include <chrono>
#include <sstream>
#include <utility>

#include "decoder/base/error_context.h"
#include "publisher/auth/identity_tokens.h"
#include "publisher/auth/token_response.h"
#include "publisher/http/url_encoding.h"

namespace walpulse::auth {
namespace {

using namespace std::chrono_literals;

/// It is one hop away; Google's own libraries wait as long for a token.
constexpr std::chrono::milliseconds kTokenTimeout = 3s;
/// Where there is no such server, nobody should notice that it was looked for.
constexpr std::chrono::milliseconds kValueTimeout = 1s;
constexpr int kValueAttempts = 10;
constexpr const char* kNoCredentials =
    "no credentials found: set GOOGLE_APPLICATION_CREDENTIALS=/path/to/key.json, or run on "
    "Google Cloud with a service account attached";

std::string comma_separated(const std::vector<std::string>& scopes) {
  std::string text;
  for (const std::string& scope : scopes) text += (text.empty() ? "" : ",") + scope;
  return text;
}

/// Some other server of that name (a captive portal, a wildcard DNS entry) must not hand out
/// tokens, nor say where we are.
bool says_google(const http::Response& response) {
  return std::any_of(response.headers.begin(), response.headers.end(), [](const auto& header) {
    return header.first == "metadata-flavor" && header.second == "Google";
  });
}

/// The last part of "projects/123/regions/europe-west1" or "projects/123/zones/europe-west1-b".
std::string last_part(const std::string& value) { return value.substr(value.rfind('/') + 1); }

}  // namespace

MetadataServer::MetadataServer(http::Client& http, const Environment& environment)
    : http_(&http), host_(value_of(environment, "GCE_METADATA_HOST")) {
  if (host_.empty()) host_ = "metadata.google.internal";
}

Result<http::Response> MetadataServer::get(const std::string& path,
                                           std::chrono::milliseconds timeout) const {
  http::Request request;
  request.method = http::Method::get;
  request.url = "http://" + host_ + "/computeMetadata/v1/" + path;
  request.headers = {"Metadata-Flavor: Google"};
  request.timeout = timeout;
  return http_->send(request);
}

Result<std::string> MetadataServer::value(const std::string& path) const {
  for (int attempt = 1;; ++attempt) {
    Result<http::Response> response = get(path, kValueTimeout);
    const bool google = response && says_google(*response);
    if (google && response->status >= 500) {
      response = fail(ErrorKind::timed_out, "the metadata server is not ready: " + path);
    }
    if (!response && response.error().kind == ErrorKind::timed_out && attempt < kValueAttempts) {
      continue;
    }
    if (!response) return forward(response);
    if (response->status == 200 && google) return std::move(response->body);
    return fail(ErrorKind::rejected, "no such value on the metadata server: " + path);
  }
}

Result<std::string> MetadataServer::project() const { return value("project/project-id"); }

Result<std::string> MetadataServer::location() const {
  // Cloud Run names a region, Compute Engine a zone.
  auto found = value("instance/region");
  if (!found && found.error().kind == ErrorKind::rejected) found = value("instance/zone");
  return found ? Result<std::string>(last_part(*found)) : found;
}

Result<std::string> MetadataServer::of_the_account(const std::string& path,
                                                   const std::string& what) const {
  Result<http::Response> response = get("instance/service-accounts/default/" + path, kTokenTimeout);
  if (!response) {
    return fail(of_kind(ErrorKind::unavailable,
                        with_remedy(kNoCredentials, in_context(what, response.error()))));
  }
  if (!says_google(*response)) {
    return fail(ErrorKind::denied, what + ": it does not answer as Google's", kNoCredentials);
  }
  const auto fine = issued(response, what, "attach a service account to this machine or service");
  if (!fine) return forward(fine);
  return std::move(response->body);
}

FetchToken MetadataServer::tokens(const std::vector<std::string>& scopes) const {
  std::string path = "token";
  if (!scopes.empty()) path += "?scopes=" + comma_separated(scopes);
  return [server = *this, path = std::move(path)]() -> Result<AccessToken> {
    const std::string what = "token from the metadata server " + server.host_;
    auto body = server.of_the_account(path, what);
    if (!body) return forward(body);
    http::Response response;
    response.status = 200;
    response.body = *std::move(body);
    return read_token(response, what, "");
  };
}

FetchToken MetadataServer::identity_tokens(const std::string& audience) const {
  std::string path = "identity?audience=" + http::percent_encoded(audience) + "&format=full";
  return [server = *this, path = std::move(path)]() -> Result<AccessToken> {
    const std::string what = "identity token from the metadata server " + server.host_;
    const auto text = server.of_the_account(path, what);
    return text ? identity_token(*text, what) : forward(text);
  };
}

Result<std::vector<std::string>> MetadataServer::scopes() const {
  const auto body = of_the_account("scopes", "scopes from the metadata server " + host_);
  std::vector<std::string> scopes;
  if (!body && body.error().kind == ErrorKind::denied) return scopes;
  if (!body) return forward(body);
  std::istringstream lines(*body);
  for (std::string line; lines >> line;) scopes.push_back(line);
  return scopes;
}

}  // namespace walpulse::auth
