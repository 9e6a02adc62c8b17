#include <algorithm>
#include <fstream>
#include <optional>
#include <sstream>
#include <utility>

#include "decoder/base/error_context.h"
#include "publisher/auth/caching_token_source.h"
#include "publisher/auth/credentials_file.h"
#include "publisher/auth/metadata_server.h"
#include "publisher/auth/token_source.h"
#include "publisher/http/api_error.h"

/// Where credentials come from (https://google.aip.dev/auth/4110).
namespace walpulse::auth {
namespace {

constexpr const char* kRemedy =
    "use a service account: set "
    "GOOGLE_APPLICATION_CREDENTIALS=/path/to/service-account-key.json, "
    "or run on Google Cloud with one attached";

std::optional<std::string> read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return std::nullopt;
  std::ostringstream text;
  text << file.rdbuf();
  if (!file.good()) return std::nullopt;
  return text.str();
}

/// Where `gcloud auth application-default login` leaves its file; empty where there is no home.
std::string gcloud_path(const Environment& environment) {
  constexpr const char* kName = "/application_default_credentials.json";
  if (const std::string config = value_of(environment, "CLOUDSDK_CONFIG"); !config.empty()) {
    return config + kName;
  }
  const std::string home = value_of(environment, "HOME");
  return home.empty() ? "" : home + "/.config/gcloud" + kName;
}

Result<Credentials> from_file(http::Client& http, const std::string& path,
                              const std::string& text) {
  Result<Credentials> found = read_credentials(http, text, read_file);
  if (!found) {
    return fail(
        of_kind(ErrorKind::rejected, with_remedy(kRemedy, in_context(path, found.error()))));
  }
  found->who += " (" + path + ")";
  return found;
}

Credentials from_metadata_server(http::Client& http, const Environment& environment) {
  const MetadataServer server(http, environment);
  Credentials found;
  found.who = "the attached service account (metadata server " + server.host() + ")";
  found.access = [server](const std::vector<std::string>& scopes) { return server.tokens(scopes); };
  found.identity = [server](const std::string& audience) -> Result<FetchToken> {
    return server.identity_tokens(audience);
  };
  found.fixed_scopes = [server] { return server.scopes(); };
  return found;
}

Result<Credentials> find_credentials(http::Client& http, const Environment& environment) {
  if (const std::string path = value_of(environment, "GOOGLE_APPLICATION_CREDENTIALS");
      !path.empty()) {
    const std::optional<std::string> text = read_file(path);
    if (text) return from_file(http, path, *text);
    return fail(ErrorKind::rejected, "GOOGLE_APPLICATION_CREDENTIALS: cannot read " + path,
                kRemedy);
  }
  const std::string path = gcloud_path(environment);
  if (const std::optional<std::string> text = read_file(path)) return from_file(http, path, *text);
  return from_metadata_server(http, environment);
}

constexpr const char* kScopePrefix = "https://www.googleapis.com/auth/";
constexpr const char* kEverything = "cloud-platform";

/// Whether scopes that a machine has allow what `wanted` does: one that ends in .write, .login or
/// .read is part of the one without.
bool covers(const std::vector<std::string>& granted, const std::string& wanted) {
  const std::string whole = wanted.substr(0, wanted.find('.', std::string(kScopePrefix).size()));
  return std::ranges::any_of(granted, [&](const std::string& one) {
    return one == wanted || one == whole || one == std::string(kScopePrefix) + kEverything;
  });
}

/// The cached tokens and who they are of.
class DefaultTokenSource final : public TokenSource {
 public:
  DefaultTokenSource(FetchToken fetch, std::string quota_project, std::string who)
      : tokens_(make_caching_token_source(std::move(fetch))),
        quota_project_(std::move(quota_project)),
        who_(std::move(who)) {}

  Result<std::string> token() override {
    Result<std::string> token = tokens_->token();
    if (token) return token;
    Error error = token.error();
    error.message += " (the credentials of " + who_ + ")";
    return fail(std::move(error));
  }
  void invalidate(const std::string& rejected) override { tokens_->invalidate(rejected); }
  std::string quota_project() const override { return quota_project_; }
  std::string identity() const override { return who_; }

 private:
  const std::unique_ptr<TokenSource> tokens_;
  const std::string quota_project_;
  const std::string who_;
};

}  // namespace

Result<std::unique_ptr<TokenSource>> make_default_token_source(http::Client& http,
                                                               const CredentialOptions& options) {
  const Result<Credentials> found = find_credentials(http, options.environment);
  if (!found) return forward(found);
  std::string project = value_of(options.environment, "GOOGLE_CLOUD_QUOTA_PROJECT");
  if (project.empty()) project = found->quota_project;
  return std::make_unique<DefaultTokenSource>(found->access(options.scopes), std::move(project),
                                              found->who);
}

Result<void> check_scopes(http::Client& http, const CredentialOptions& options) {
  const Result<Credentials> found = find_credentials(http, options.environment);
  if (!found) return forward(found);
  if (!found->fixed_scopes) return {};
  const auto granted = found->fixed_scopes();
  if (!granted) return forward(granted);
  if (granted->empty()) return {};
  std::string missing;
  for (const std::string& scope : options.scopes) {
    if (!covers(*granted, scope)) missing += (missing.empty() ? "" : ", ") + scope;
  }
  if (missing.empty()) return {};
  return fail(ErrorKind::denied,
              "tokens of " + found->who + " lack the scope " + missing + ", which no role mends",
              http::kScopeRemedy, http::kScopeInsufficient);
}

Result<std::unique_ptr<TokenSource>> make_identity_token_source(http::Client& http,
                                                                const std::string& audience,
                                                                const CredentialOptions& options) {
  const Result<Credentials> found = find_credentials(http, options.environment);
  if (!found) return forward(found);
  Result<FetchToken> fetch = found->identity(audience);
  if (!fetch) return fail(in_context(found->who, fetch.error()));
  return std::make_unique<DefaultTokenSource>(*std::move(fetch), "", found->who);
}

}  // namespace walpulse::auth
