#include "publisher/auth/external_account.h"

#include <chrono>
#include <nlohmann/json.hpp>
#include <utility>

#include "decoder/base/json_dom.h"
#include "publisher/auth/token_response.h"
#include "publisher/http/json_member.h"

namespace walpulse::auth {
namespace {

constexpr std::chrono::seconds kExchangeTimeout{15};
constexpr const char* kSupported =
    "supported are a file and a URL (gcloud iam workload-identity-pools create-cred-config with "
    "--credential-source-file or --credential-source-url), or use a service account";

Result<void> read_source(const nlohmann::json& source, ExternalAccount& account) {
  account.subject_file = http::text_at(source, "file");
  account.subject_url = http::text_at(source, "url");
  if (account.subject_file.empty() && account.subject_url.empty()) {
    const std::string kind = source.contains("environment_id") ? "AWS"
                             : source.contains("executable")   ? "an executable"
                             : source.contains("certificate")  ? "a certificate"
                                                               : "nothing known";
    return fail(ErrorKind::rejected,
                "its credential_source is " + kind + ", which is not supported", kSupported);
  }
  if (!account.subject_url.empty() && !http::is_http_url(account.subject_url)) {
    return fail(ErrorKind::rejected, "credential_source.url is no URL");
  }
  const auto headers = source.find("headers");
  if (headers != source.end() && headers->is_object()) {
    for (const auto& [name, value] : headers->items()) {
      if (value.is_string()) {
        account.subject_headers.push_back(name + ": " + value.get<std::string>());
      }
    }
  }
  const auto format = source.find("format");
  if (format == source.end() || !format->is_object() || http::text_at(*format, "type") != "json") {
    return {};
  }
  account.subject_field = http::text_at(*format, "subject_token_field_name");
  if (!account.subject_field.empty()) return {};
  return fail(ErrorKind::rejected, "credential_source.format.subject_token_field_name is missing");
}

Result<std::string> read_subject(http::Client& http, const ExternalAccount& account,
                                 const ReadFile& read_file) {
  if (!account.subject_file.empty()) {
    auto text = read_file(account.subject_file);
    if (text) return *std::move(text);
    return fail(ErrorKind::unavailable, "cannot read the subject token in " + account.subject_file,
                "is the volume that holds it mounted?");
  }
  http::Request request;
  request.method = http::Method::get;
  request.url = account.subject_url;
  request.headers = account.subject_headers;
  request.timeout = kExchangeTimeout;
  const std::string what = "subject token from " + account.subject_url;
  Result<http::Response> response = http.send(request);
  if (const auto fine = issued(response, what, "check credential_source of the credentials file");
      !fine) {
    return forward(fine);
  }
  return std::move(response->body);
}

std::string trimmed(std::string text) {
  const auto last = text.find_last_not_of(" \t\r\n");
  text.resize(last == std::string::npos ? 0 : last + 1);
  return text.erase(0, std::min(text.find_first_not_of(" \t\r\n"), text.size()));
}

Result<std::string> subject_token(http::Client& http, const ExternalAccount& account,
                                  const ReadFile& read_file) {
  auto text = read_subject(http, account, read_file);
  if (!text) return text;
  const std::string& from =
      account.subject_file.empty() ? account.subject_url : account.subject_file;
  std::string token = *std::move(text);
  if (!account.subject_field.empty()) {
    const auto json = parse_json(token);
    token = json.is_object() ? http::text_at(json, account.subject_field.c_str()) : std::string();
  }
  token = trimmed(std::move(token));
  if (!token.empty()) return token;
  return fail(ErrorKind::unavailable, from + ": holds no subject token");
}

}  // namespace

Result<ExternalAccount> parse_external_account(std::string_view json) {
  const auto file = parse_json(json);
  if (!file.is_object()) return fail(ErrorKind::rejected, "not a JSON object");
  ExternalAccount account;
  account.audience = http::text_at(file, "audience");
  account.subject_token_type = http::text_at(file, "subject_token_type");
  account.token_url = http::text_at(file, "token_url");
  if (account.audience.empty()) return fail(ErrorKind::rejected, "audience is missing");
  if (account.subject_token_type.empty()) {
    return fail(ErrorKind::rejected, "subject_token_type is missing");
  }
  if (!http::is_http_url(account.token_url)) {
    return fail(ErrorKind::rejected, "token_url is missing or no URL");
  }
  const auto source = file.find("credential_source");
  if (source == file.end() || !source->is_object()) {
    return fail(ErrorKind::rejected, "credential_source is missing");
  }
  if (const auto read = read_source(*source, account); !read) {
    return forward(read);
  }
  const std::string url = http::text_at(file, "service_account_impersonation_url");
  if (url.empty()) return account;
  if (!http::is_http_url(url) || account_of(url).empty()) {
    return fail(ErrorKind::rejected, "service_account_impersonation_url is no such URL");
  }
  account.impersonation = Impersonation{url, {}};
  return account;
}

FetchToken federated_tokens(http::Client& http, ExternalAccount account,
                            std::vector<std::string> scopes, ReadFile read_file) {
  std::string scope;
  for (const std::string& one : scopes) scope += (scope.empty() ? "" : " ") + one;
  return [&http, account = std::move(account), scope = std::move(scope),
          read_file = std::move(read_file)]() -> Result<AccessToken> {
    const auto subject = subject_token(http, account, read_file);
    if (!subject) return forward(subject);
    const auto response =
        post_form(http, account.token_url,
                  {{"grant_type", "urn:ietf:params:oauth:grant-type:token-exchange"},
                   {"audience", account.audience},
                   {"scope", scope},
                   {"requested_token_type", "urn:ietf:params:oauth:token-type:access_token"},
                   {"subject_token_type", account.subject_token_type},
                   {"subject_token", *subject}});
    return read_token(response, "token of the workload identity pool",
                      "check the pool's provider: its issuer, allowed audiences and attribute "
                      "condition");
  };
}

}  // namespace walpulse::auth
