#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>

#include "decoder/schema/result.h"
#include "publisher/gcp/http_client.h"
#include "publisher/gcp/token_source.h"

namespace walpulse::gcp {

/// The scope of tokens that a Cloud SQL database takes for a password
/// (https://cloud.google.com/sql/docs/postgres/iam-authentication).
inline constexpr const char* kDatabaseLoginScope =
    "https://www.googleapis.com/auth/sqlservice.login";

/// Keeps a libpq password file whose password is always a token that still lives: every connection
/// that is made while this object lives, by whatever library, reads the present one. The file has
/// no name: it is memory, which nobody but this user can open, and no token ever reaches a disk.
class DatabaseLogin {
 public:
  /// Asks for the first token. Denied or rejected where there is none to be had; where the issuer
  /// merely does not answer it goes on asking, and connections fail meanwhile.
  static Result<std::unique_ptr<DatabaseLogin>> start(std::unique_ptr<HttpClient> http,
                                                      std::unique_ptr<TokenSource> tokens);
  ~DatabaseLogin();
  DatabaseLogin(const DatabaseLogin&) = delete;
  DatabaseLogin& operator=(const DatabaseLogin&) = delete;

  /// For libpq's `passfile`: "/proc/self/fd/7". Stays the same.
  std::string password_file() const;
  /// As whom it logs in, for messages.
  std::string identity() const { return tokens_->identity(); }
  /// Writes the present token. The thread of start() calls it.
  Result<void> renew();

 private:
  DatabaseLogin(std::unique_ptr<HttpClient> http, std::unique_ptr<TokenSource> tokens);
  void run(std::stop_token stop);

  const std::unique_ptr<HttpClient> http_;
  const std::unique_ptr<TokenSource> tokens_;
  int descriptor_ = -1;
  std::string written_;
  std::mutex mutex_;
  std::condition_variable_any never_;
  std::jthread thread_;
};

}  // namespace walpulse::gcp
