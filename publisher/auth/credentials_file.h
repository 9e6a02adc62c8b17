#pragma once

#include <functional>
#include <string>
#include <vector>

#include "decoder/base/result.h"
#include "publisher/auth/caching_token_source.h"
#include "publisher/auth/external_account.h"
#include "publisher/http/client.h"

namespace walpulse::auth {

/// What a credentials file can do.
struct Credentials {
  /// Access tokens with these scopes.
  std::function<FetchToken(std::vector<std::string> scopes)> access;
  /// Identity tokens for an audience; rejected where Google issues none to such credentials.
  std::function<Result<FetchToken>(const std::string& audience)> identity;
  /// The scopes that every token has, whatever is asked for; empty where nobody says. Unset where
  /// what is asked for is what a token has.
  std::function<Result<std::vector<std::string>>()> fixed_scopes;
  std::string quota_project;
  std::string who;  ///< "service account EMAIL", for messages.
};

/// Reads the text of one (https://google.aip.dev/auth/4110). Rejected for what is no credentials
/// file, names a type that is not supported, or lacks a member; never quotes the file.
Result<Credentials> read_credentials(http::Client& http, const std::string& text,
                                     const ReadFile& read_file);

}  // namespace walpulse::auth
