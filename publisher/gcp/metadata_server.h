#pragma once

#include <string>
#include <vector>

#include "publisher/gcp/caching_token_source.h"
#include "publisher/gcp/http_client.h"

namespace walpulse::gcp {

/// The text at /computeMetadata/v1/`path`. Errors name `what` and the remedy.
Result<std::string> ask_metadata_server(HttpClient& http, const std::string& host,
                                        const std::string& path, const std::string& what);

/// Tokens of the attached service account, from the metadata server of Compute Engine, Cloud Run
/// and GKE (https://cloud.google.com/compute/docs/access/authenticate-workloads). `host` is
/// "metadata.google.internal" or what GCE_METADATA_HOST says.
FetchToken metadata_server_tokens(HttpClient& http, const std::string& host,
                                  const std::vector<std::string>& scopes);

/// The access scopes that every token of this machine has; empty where it does not say.
Result<std::vector<std::string>> metadata_server_scopes(HttpClient& http, const std::string& host);

}  // namespace walpulse::gcp
