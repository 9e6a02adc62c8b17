#pragma once

#include <memory>
#include <string>

#include "decoder/base/environment.h"
#include "decoder/base/result.h"
#include "publisher/auth/token_source.h"
#include "publisher/pubsub/client.h"

namespace walpulse::pubsub {

/// What publishing, pulling and acknowledging need.
inline constexpr const char* kScope = "https://www.googleapis.com/auth/pubsub";

/// A client and the tokens that it sends.
struct Connection {
  std::unique_ptr<auth::TokenSource> tokens;
  std::unique_ptr<Client> client;
};

/// To the emulator or to Google, as `environment` says (endpoint()): only Google gets credentials,
/// which are looked for then. Opens no connection yet. Rejected where there are no credentials.
Result<Connection> connect(http::Client& http, const Environment& environment);

}  // namespace walpulse::pubsub
