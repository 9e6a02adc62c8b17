#pragma once

#include <string>
#include <vector>

#include "decoder/base/environment.h"
#include "publisher/auth/caching_token_source.h"
#include "publisher/http/client.h"

namespace walpulse::auth {

/// The metadata server of Compute Engine, Cloud Run and GKE
/// (https://cloud.google.com/compute/docs/metadata/querying-metadata): where this program runs, and
/// tokens of the service account attached. A copy is as good: it holds no more than the client and
/// the server's name.
class MetadataServer {
 public:
  /// "metadata.google.internal", or what GCE_METADATA_HOST says.
  MetadataServer(http::Client& http, const Environment& environment);

  const std::string& host() const { return host_; }

  /// This project, and the region or, where the machine names none, the zone: "europe-west1". Each
  /// try ends within a second, and a server that is slow or not ready (its machine may be starting)
  /// is asked ten times, before it is timed_out. Rejected where the server has no such value;
  /// another machine has no server.
  Result<std::string> project() const;
  Result<std::string> location() const;

  /// Access tokens of the attached service account
  /// (https://cloud.google.com/compute/docs/access/authenticate-workloads). Errors name the remedy,
  /// here and below.
  FetchToken tokens(const std::vector<std::string>& scopes) const;
  /// Its identity tokens for `audience`
  /// (https://cloud.google.com/compute/docs/instances/verifying-instance-identity).
  FetchToken identity_tokens(const std::string& audience) const;
  /// The access scopes that every token of this machine has; empty where the server does not say.
  Result<std::vector<std::string>> scopes() const;

 private:
  Result<http::Response> get(const std::string& path, std::chrono::milliseconds timeout) const;
  Result<std::string> value(const std::string& path) const;
  Result<std::string> of_the_account(const std::string& path, const std::string& what) const;

  http::Client* http_;
  std::string host_;
};

}  // namespace walpulse::auth
