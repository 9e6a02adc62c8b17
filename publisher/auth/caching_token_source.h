#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "decoder/base/result.h"
#include "publisher/auth/token_source.h"

namespace walpulse::auth {

struct AccessToken {
  std::string text;
  std::chrono::seconds lifetime;  ///< From when it was asked for.
};
/// One call to whoever issues tokens. Errors are `unavailable` or `denied`: a token that cannot be
/// had today says nothing against the messages that wait for it.
using FetchToken = std::function<Result<AccessToken>()>;
using SteadyNow = std::function<std::chrono::steady_clock::time_point()>;

/// Keeps one token. It is fetched anew 225 s before it expires, the moment from which Google's own
/// libraries do (metadata servers keep theirs until 4 minutes before); by one caller, while the
/// others go on with the old one, and wait only where there is none. No lock is held meanwhile.
std::unique_ptr<TokenSource> make_caching_token_source(FetchToken fetch, SteadyNow now = {});

}  // namespace walpulse::auth
