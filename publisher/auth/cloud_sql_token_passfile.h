#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>

#include "decoder/base/result.h"
#include "publisher/auth/token_source.h"
#include "publisher/http/client.h"

namespace walpulse::auth {

/// The scope of tokens that a Cloud SQL database takes for a password
/// (https://cloud.google.com/sql/docs/postgres/iam-authentication).
inline constexpr const char* kCloudSqlLoginScope =
    "https://www.googleapis.com/auth/sqlservice.login";

/// Keeps a libpq password file whose password is always a token that still lives: every connection
/// that is made while this object lives, by whatever library, reads the present one. The file has
/// no name: it is memory, which nobody but this user can open, and no token ever reaches a disk.
class CloudSqlTokenPassfile {
 public:
  /// Asks for the first token. Denied or rejected where there is none to be had; where the issuer
  /// merely does not answer it goes on asking, and connections fail meanwhile.
  static Result<std::unique_ptr<CloudSqlTokenPassfile>> start(std::unique_ptr<http::Client> http,
                                                              std::unique_ptr<TokenSource> tokens);
  ~CloudSqlTokenPassfile();
  CloudSqlTokenPassfile(const CloudSqlTokenPassfile&) = delete;
  CloudSqlTokenPassfile& operator=(const CloudSqlTokenPassfile&) = delete;

  /// For libpq's `passfile`: "/proc/self/fd/7". Stays the same.
  std::string password_file() const;
  /// As whom it logs in, for messages.
  std::string identity() const { return tokens_->identity(); }
  /// Writes the present token. The thread of start() calls it.
  Result<void> renew();

 private:
  CloudSqlTokenPassfile(std::unique_ptr<http::Client> http, std::unique_ptr<TokenSource> tokens);
  void run(std::stop_token stop);

  const std::unique_ptr<http::Client> http_;
  const std::unique_ptr<TokenSource> tokens_;
  int descriptor_ = -1;
  std::string written_;
  std::mutex mutex_;
  std::condition_variable_any never_;
  std::jthread thread_;
};

}  // namespace walpulse::auth
