#include "publisher/auth/cloud_sql_token_passfile.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <system_error>
#include <utility>

#include "decoder/base/error_context.h"
#include "decoder/base/logging.h"

namespace walpulse::auth {
namespace {

/// A token comes from the cache, but when it is due: looking costs nothing.
constexpr std::chrono::seconds kLook{2};

std::string system_error() { return std::generic_category().message(errno); }

/// A thread that is made meanwhile takes no signals: it is older than whoever waits for SIGTERM,
/// and would die of it first, the process with it.
class AllSignalsBlocked {
 public:
  AllSignalsBlocked() {
    sigset_t all;
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  ~AllSignalsBlocked() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  AllSignalsBlocked(const AllSignalsBlocked&) = delete;
  AllSignalsBlocked& operator=(const AllSignalsBlocked&) = delete;

 private:
  sigset_t before_{};
};

/// host:port:database:user:password, the first four any
/// (https://www.postgresql.org/docs/current/libpq-pgpass.html).
std::string password_line(const std::string& token) {
  std::string line = "*:*:*:*:";
  for (const char c : token) {
    if (c == ':' || c == '\\') line += '\\';
    line += c;
  }
  return line + '\n';
}

/// A file without a name, which libpq takes only where nobody else may read it; -1 and errno.
int memory_file(const std::string& text) {
  const int file = ::memfd_create("walpulse-database-login", MFD_CLOEXEC);
  if (file < 0) return -1;
  if (::fchmod(file, S_IRUSR | S_IWUSR) == 0 &&
      ::write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size())) {
    return file;
  }
  ::close(file);
  return -1;
}

}  // namespace

CloudSqlTokenPassfile::CloudSqlTokenPassfile(std::unique_ptr<http::Client> http,
                                             std::unique_ptr<TokenSource> tokens)
    : http_(std::move(http)), tokens_(std::move(tokens)) {}

CloudSqlTokenPassfile::~CloudSqlTokenPassfile() {
  thread_.request_stop();
  if (thread_.joinable()) thread_.join();
  if (descriptor_ >= 0) ::close(descriptor_);
}

Result<std::unique_ptr<CloudSqlTokenPassfile>> CloudSqlTokenPassfile::start(
    std::unique_ptr<http::Client> http, std::unique_ptr<TokenSource> tokens) {
  std::unique_ptr<CloudSqlTokenPassfile> login(
      new CloudSqlTokenPassfile(std::move(http), std::move(tokens)));
  login->descriptor_ = memory_file("");
  if (login->descriptor_ < 0) {
    return fail(ErrorKind::unavailable, "no memory file for the database login: " + system_error());
  }
  const auto renewed = login->renew();
  if (!renewed) {
    const Error& error = renewed.error();
    if (error.kind != ErrorKind::unavailable && error.kind != ErrorKind::timed_out) {
      return fail(in_context("database login", error));
    }
    SPDLOG_WARN("no token to log in to the database with, will retry error=\"{}\"",
                to_string(error));
  } else {
    SPDLOG_INFO("logging in to the database by IAM identity=\"{}\"", login->tokens_->identity());
  }
  const AllSignalsBlocked blocked;
  login->thread_ =
      std::jthread([raw = login.get()](std::stop_token stop) { raw->run(std::move(stop)); });
  return login;
}

std::string CloudSqlTokenPassfile::password_file() const {
  return "/proc/self/fd/" + std::to_string(descriptor_);
}

Result<void> CloudSqlTokenPassfile::renew() {
  const Result<std::string> token = tokens_->token();
  if (!token) return forward(token);
  if (*token == written_) return {};
  const int file = memory_file(password_line(*token));
  if (file < 0) {
    return fail(ErrorKind::unavailable, "the token cannot be kept: " + system_error());
  }
  // At once: whoever opens the file sees the old token or the new one, whole.
  const bool replaced = ::dup3(file, descriptor_, O_CLOEXEC) >= 0;
  ::close(file);
  if (!replaced) return fail(ErrorKind::unavailable, "the token cannot be kept: " + system_error());
  written_ = *token;
  return {};
}

void CloudSqlTokenPassfile::run(std::stop_token stop) {
  bool well = true;
  while (!stop.stop_requested()) {
    {
      std::unique_lock lock(mutex_);
      never_.wait_for(lock, stop, kLook, [] { return false; });
    }
    if (stop.stop_requested()) return;
    const auto renewed = renew();
    if (!renewed && well) {
      SPDLOG_WARN("no new token to log in to the database with, will retry error=\"{}\"",
                  to_string(renewed.error()));
    }
    well = renewed.has_value();
  }
}

}  // namespace walpulse::auth
