#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <string_view>
#include <thread>

#include "decoder/base/result.h"
#include "publisher/auth/caching_token_source.h"
#include "publisher/auth/jwk_set.h"
#include "publisher/http/client.h"

namespace walpulse::auth {

/// Google's keys for identity tokens
/// (https://developers.google.com/identity/openid-connect/openid-connect#validatinganidtoken).
inline constexpr const char* kGoogleKeysUrl = "https://www.googleapis.com/oauth2/v3/certs";
/// Identity-Aware Proxy's keys for its assertions, which are ES256
/// (https://cloud.google.com/iap/docs/signed-headers-howto).
inline constexpr const char* kIapKeysUrl = "https://www.gstatic.com/iap/verify/public_key-jwk";

/// An issuer's public keys, fetched on a thread of their own and kept as long as Cache-Control
/// says. While they cannot be fetched the old ones serve on. A token of a key that is not among
/// them has them fetched anew, at most every 30 s whoever asks: issuers announce a key before they
/// use it, but anybody can make up a name. Thread-safe; verify() never waits.
class JwksCache {
 public:
  enum class Verdict : std::uint8_t {
    valid,
    forged,       ///< The key is known and did not sign this.
    unknown_key,  ///< Not among keys that were fetched just now.
    undecided,    ///< No keys yet, or they are being asked for: ask again later.
  };

  /// `http` must outlive the ring, and bound its answers: a key set has a few kilobytes.
  JwksCache(http::Client& http, std::string url, SteadyNow now = {},
            Algorithm algorithm = Algorithm::rs256);
  ~JwksCache();
  JwksCache(const JwksCache&) = delete;
  JwksCache& operator=(const JwksCache&) = delete;

  /// Keeps the keys fresh from now on.
  void start();
  Verdict verify(const std::string& key_id, std::string_view text, std::string_view signature);
  /// Why nothing can be verified; empty where there are keys.
  std::string health() const;
  /// Why the keys are older than they should be; empty while they are not.
  std::string warning() const;

  /// Fetches once. start()'s thread calls it; doctor and tests do without one.
  Result<std::size_t> refresh(std::stop_token stop = {});
  /// When the thread would fetch next, had nobody asked.
  std::chrono::steady_clock::time_point next_refresh() const;

 private:
  struct Fetched {
    JwkSet keys;
    std::chrono::seconds fresh_for;
  };

  void run(std::stop_token stop);
  Result<Fetched> fetch(std::stop_token stop);

  http::Client& http_;
  const std::string url_;
  const SteadyNow now_;
  const Algorithm algorithm_;

  mutable std::mutex mutex_;
  std::condition_variable_any changed_;
  std::shared_ptr<const JwkSet> keys_;
  std::string problem_;
  std::chrono::steady_clock::time_point tried_at_;
  std::chrono::steady_clock::time_point next_at_;
  int failures_ = 0;
  bool fetching_ = false;
  bool asked_ = false;
  std::jthread thread_;
};

/// The seconds of `max-age` in a Cache-Control header, less those of `age`; bounded to 5 minutes
/// and a day, an hour where it does not say.
std::chrono::seconds fresh_for(std::string_view cache_control, std::string_view age);

}  // namespace walpulse::auth
