#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "decoder/base/result.h"
#include "publisher/auth/caching_token_source.h"
#include "publisher/auth/impersonation.h"
#include "publisher/http/client.h"

namespace walpulse::auth {

/// Workload identity federation: another issuer's token is exchanged for one of Google's
/// (https://google.aip.dev/auth/4117).
struct ExternalAccount {
  std::string audience;
  std::string subject_token_type;
  std::string token_url;
  std::string subject_file;  ///< The other issuer's token stands here, or
  std::string subject_url;   ///< is to be had here.
  std::vector<std::string> subject_headers;
  std::string subject_field;  ///< Of a JSON answer; empty: the text is the token.
  std::optional<Impersonation> impersonation;
};
/// Rejected where a member is missing, or for subject tokens that are not supported (AWS,
/// executables, certificates); never quotes the file.
Result<ExternalAccount> parse_external_account(std::string_view json);

using ReadFile = std::function<std::optional<std::string>(const std::string& path)>;

/// One exchange (https://cloud.google.com/iam/docs/reference/sts/rest/v1/TopLevel/token). The
/// subject token is read anew each time: its issuer rotates it.
FetchToken federated_tokens(http::Client& http, ExternalAccount account,
                            std::vector<std::string> scopes, ReadFile read_file);

}  // namespace walpulse::auth
