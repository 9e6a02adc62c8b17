#include "publisher/auth/credentials_file.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "decoder/base/error_context.h"
#include "decoder/base/json_dom.h"
#include "publisher/auth/authorized_user.h"
#include "publisher/auth/identity_tokens.h"
#include "publisher/auth/impersonation.h"
#include "publisher/auth/service_account.h"
#include "publisher/http/json_member.h"

namespace walpulse::auth {
namespace {

/// What buys tokens of somebody else needs this one.
const std::vector<std::string> kPlatformScope = {"https://www.googleapis.com/auth/cloud-platform"};

std::function<Result<FetchToken>(const std::string&)> no_identity(std::string whose) {
  return [whose = std::move(whose)](const std::string&) -> Result<FetchToken> {
    return fail(ErrorKind::rejected, "Google issues no identity tokens for an audience to " + whose,
                "impersonate a service account: gcloud auth application-default login "
                "--impersonate-service-account EMAIL");
  };
}

Result<Credentials> of_service_account(http::Client& http, const std::string& text) {
  const Result<ServiceAccountKey> account = parse_service_account_key(text);
  if (!account) return forward(account);
  Credentials made;
  made.who = "service account " + account->email;
  made.access = [&http, key = *account](std::vector<std::string> scopes) {
    return service_account_tokens(http, key, std::move(scopes));
  };
  made.identity = [&http, key = *account](const std::string& audience) -> Result<FetchToken> {
    return service_account_identity_tokens(http, key, audience);
  };
  return made;
}

Result<Credentials> of_user(http::Client& http, const std::string& text) {
  const Result<AuthorizedUser> user = parse_authorized_user(text);
  if (!user) return forward(user);
  Credentials made;
  made.who = "the gcloud user";
  made.access = [&http, user = *user](const std::vector<std::string>&) {
    return authorized_user_tokens(http, user);
  };
  made.identity = no_identity("a gcloud user");
  return made;
}

/// Tokens of a service account through those of `source`.
void impersonate(http::Client& http, const FetchToken& source, const Impersonation& whom,
                 Credentials& made) {
  made.access = [&http, source, whom](std::vector<std::string> scopes) {
    return impersonated_tokens(http, source, whom, std::move(scopes));
  };
  made.identity = [&http, source, whom](const std::string& audience) -> Result<FetchToken> {
    return impersonated_identity_tokens(http, source, whom, audience);
  };
}

Result<Credentials> of_federation(http::Client& http, const std::string& text,
                                  const ReadFile& read_file) {
  const Result<ExternalAccount> account = parse_external_account(text);
  if (!account) return forward(account);
  Credentials made;
  made.who = "workload identity " + account->audience;
  if (account->impersonation) {
    made.who =
        "service account " + account_of(account->impersonation->url) + " through " + made.who;
    impersonate(http, federated_tokens(http, *account, kPlatformScope, read_file),
                *account->impersonation, made);
    return made;
  }
  made.access = [&http, account = *account, read_file](std::vector<std::string> scopes) {
    return federated_tokens(http, account, std::move(scopes), read_file);
  };
  made.identity = no_identity("a federated identity");
  return made;
}

Result<Credentials> of_impersonation(http::Client& http, const nlohmann::json& file,
                                     const ReadFile& read_file) {
  Impersonation whom;
  whom.url = http::text_at(file, "service_account_impersonation_url");
  if (!http::is_http_url(whom.url) || account_of(whom.url).empty()) {
    return fail(ErrorKind::rejected, "service_account_impersonation_url is missing or no such URL");
  }
  if (const auto delegates = file.find("delegates"); delegates != file.end()) {
    if (!delegates->is_array()) return fail(ErrorKind::rejected, "delegates is no list");
    for (const auto& one : *delegates) {
      if (one.is_string()) whom.delegates.push_back(one.get<std::string>());
    }
  }
  const auto source = file.find("source_credentials");
  if (source == file.end() || !source->is_object()) {
    return fail(ErrorKind::rejected, "source_credentials is missing");
  }
  if (http::text_at(*source, "type") == "impersonated_service_account") {
    return fail(ErrorKind::rejected, "source_credentials are impersonated themselves",
                "use delegates");
  }
  const Result<Credentials> own = read_credentials(http, source->dump(), read_file);
  if (!own) return fail(in_context("source_credentials", own.error()));
  Credentials made;
  made.who = "service account " + account_of(whom.url) + " through " + own->who;
  impersonate(http, own->access(kPlatformScope), whom, made);
  return made;
}

Result<Credentials> of_type(http::Client& http, const std::string& type, const nlohmann::json& file,
                            const std::string& text, const ReadFile& read_file) {
  if (type == "service_account") return of_service_account(http, text);
  if (type == "authorized_user") return of_user(http, text);
  if (type == "external_account") return of_federation(http, text, read_file);
  if (type == "impersonated_service_account") return of_impersonation(http, file, read_file);
  return fail(ErrorKind::rejected,
              "is not supported; supported are service_account, authorized_user, external_account "
              "and impersonated_service_account");
}

}  // namespace

Result<Credentials> read_credentials(http::Client& http, const std::string& text,
                                     const ReadFile& read_file) {
  const auto file = parse_json(text);
  const std::string type = file.is_object() ? http::text_at(file, "type") : std::string();
  if (type.empty()) return fail(ErrorKind::rejected, "not a credentials file");
  Result<Credentials> made = of_type(http, type, file, text, read_file);
  if (!made) return fail(in_context("type " + type, made.error()));
  made->quota_project = http::text_at(file, "quota_project_id");
  return made;
}

}  // namespace walpulse::auth
