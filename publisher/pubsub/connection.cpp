#include "publisher/pubsub/connection.h"

#include <utility>

namespace walpulse::pubsub {

Result<Connection> connect(http::Client& http, const Environment& environment) {
  std::string to = endpoint(environment);
  auth::CredentialOptions credentials;
  credentials.scopes = {kScope};
  credentials.environment = environment;
  auto tokens = auth::make_token_source_for(to, http, credentials);
  if (!tokens) return forward(tokens);
  auto client = std::make_unique<Client>(http, **tokens, std::move(to));
  return Connection{*std::move(tokens), std::move(client)};
}

}  // namespace walpulse::pubsub
