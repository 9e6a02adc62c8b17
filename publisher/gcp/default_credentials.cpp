#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>
#include <optional>
#include <sstream>

#include "publisher/gcp/caching_token_source.h"
#include "publisher/gcp/metadata_server.h"
#include "publisher/gcp/service_account.h"
#include "publisher/gcp/token_source.h"

/// Where credentials come from (https://google.aip.dev/auth/4110).
namespace walpulse::gcp {
namespace {

constexpr const char* kRemedy =
    "; use a service account: set "
    "GOOGLE_APPLICATION_CREDENTIALS=/path/to/service-account-key.json, "
    "or run on Google Cloud with one attached";

class Environment {
 public:
  explicit Environment(std::function<const char*(const char*)> get) : get_(std::move(get)) {}
  /// Empty where not set.
  std::string operator()(const char* name) const {
    const char* value = get_ ? get_(name) : std::getenv(name);
    return value == nullptr ? std::string() : std::string(value);
  }

 private:
  std::function<const char*(const char*)> get_;
};

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
  if (const std::string config = environment("CLOUDSDK_CONFIG"); !config.empty()) {
    return config + kName;
  }
  const std::string home = environment("HOME");
  return home.empty() ? "" : home + "/.config/gcloud" + kName;
}

std::string type_of(const std::string& text) {
  const auto json = nlohmann::json::parse(text, nullptr, false);
  if (!json.is_object() || !json.contains("type") || !json["type"].is_string()) return {};
  return json["type"].get<std::string>();
}

Result<std::unique_ptr<TokenSource>> from_file(HttpClient& http, const CredentialOptions& options,
                                               const std::string& path, const std::string& text) {
  const std::string type = type_of(text);
  if (type.empty()) return fail(ErrorKind::rejected, path + ": not a credentials file" + kRemedy);
  if (type != "service_account") {
    return fail(ErrorKind::rejected,
                path + ": credentials of type " + type + " are not supported" + kRemedy);
  }
  Result<ServiceAccountKey> account = parse_service_account_key(text);
  if (!account) return fail(ErrorKind::rejected, path + ": " + account.error().message);
  return make_caching_token_source(
      service_account_tokens(http, std::move(*account), options.scopes));
}

}  // namespace

Result<std::unique_ptr<TokenSource>> make_default_token_source(HttpClient& http,
                                                               const CredentialOptions& options) {
  const Environment environment(options.environment);
  if (const std::string path = environment("GOOGLE_APPLICATION_CREDENTIALS"); !path.empty()) {
    const std::optional<std::string> text = read_file(path);
    if (!text) {
      return fail(ErrorKind::rejected,
                  "GOOGLE_APPLICATION_CREDENTIALS: cannot read " + path + kRemedy);
    }
    return from_file(http, options, path, *text);
  }
  const std::string path = gcloud_path(environment);
  if (const std::optional<std::string> text = read_file(path)) {
    return from_file(http, options, path, *text);
  }
  std::string host = environment("GCE_METADATA_HOST");
  if (host.empty()) host = "metadata.google.internal";
  return make_caching_token_source(metadata_server_tokens(http, host, options.scopes));
}

}  // namespace walpulse::gcp
