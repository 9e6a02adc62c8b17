#pragma once

#include <string>
#include <vector>

#include "publisher/auth/caching_token_source.h"
#include "publisher/http/client.h"

namespace walpulse::auth {

/// The text at /computeMetadata/v1/`path`. Errors name `what` and the remedy.
Result<std::string> ask_metadata_server(http::Client& http, const std::string& host,
                                        const std::string& path, const std::string& what);

/// Tokens of the attached service account, from the metadata server of Compute Engine, Cloud Run
/// and GKE (https://cloud.google.com/compute/docs/access/authenticate-workloads). `host` is
/// "metadata.google.internal" or what GCE_METADATA_HOST says.
FetchToken metadata_server_tokens(http::Client& http, const std::string& host,
                                  const std::vector<std::string>& scopes);

/// The access scopes that every token of this machine has; empty where it does not say.
Result<std::vector<std::string>> metadata_server_scopes(http::Client& http,
                                                        const std::string& host);

}  // namespace walpulse::auth
