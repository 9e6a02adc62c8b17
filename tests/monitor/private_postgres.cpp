#include "tests/monitor/private_postgres.h"

#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <thread>
#include <tuple>
#include <utility>
#include <vector>

#include "monitor/storage/postgres/postgres_database.h"

namespace walpulse::monitor::testing {
namespace {

constexpr const char* kRemedy =
    "no PostgreSQL server programs found: install postgresql-15 (make setup) or set "
    "WALPULSE_POSTGRES_BIN to a folder that holds initdb";

std::string programs_folder() {
  if (const char* chosen = std::getenv("WALPULSE_POSTGRES_BIN")) return chosen;
  for (const char* major : {"15", "18", "17", "16", "14", "13"}) {
    const std::string folder = std::string("/usr/lib/postgresql/") + major + "/bin";
    if (::access((folder + "/initdb").c_str(), X_OK) == 0) return folder;
  }
  throw std::runtime_error(kRemedy);
}

/// In memory where the system has a folder there.
std::string temporary_folder() {
  const bool memory = ::access("/dev/shm", W_OK) == 0;
  std::string name = memory ? "/dev/shm" : std::filesystem::temp_directory_path().string();
  name += "/walpulse-pg-XXXXXX";
  if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary folder");
  return name;
}

/// The server refuses to run as root: then it runs as the user that Debian's package makes.
const passwd* server_user() {
  if (::geteuid() != 0) return nullptr;
  const passwd* user = ::getpwnam("postgres");
  if (user == nullptr) throw std::runtime_error(kRemedy);
  return user;
}

/// A child that dies with this program. Between fork and exec only what is safe there.
int spawn(const std::string& folder, const std::vector<std::string>& command) {
  const passwd* user = server_user();
  std::vector<char*> arguments;
  for (const std::string& word : command) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  const std::string log = folder + "/log";
  const pid_t child = ::fork();
  if (child != 0) return child;
  const int out = ::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0644);
  ::dup2(out, 1);
  ::dup2(out, 2);
  if (user != nullptr &&
      (::setgroups(0, nullptr) != 0 || ::setgid(user->pw_gid) != 0 || ::setuid(user->pw_uid) != 0))
    ::_exit(126);
  ::prctl(PR_SET_PDEATHSIG, SIGQUIT);
  if (::chdir(folder.c_str()) != 0) ::_exit(126);
  ::execv(arguments[0], arguments.data());
  ::_exit(127);
}

/// Removes the folder once the returned descriptor is closed, by whatever ended this program. In a
/// session of its own, so that Ctrl-C does not reach it; the server gets a second to leave.
std::pair<int, int> hire_sweeper(const std::string& folder) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
  const pid_t child = ::fork();
  if (child == 0) {
    ::setsid();
    ::dup2(ends[0], 0);
    const int nowhere = ::open("/dev/null", O_WRONLY | O_CLOEXEC);
    ::dup2(nowhere, 1);
    ::dup2(nowhere, 2);
    ::execl("/bin/sh", "sh", "-c", "read -r _; sleep 1; rm -rf \"$1\"", "sh", folder.c_str(),
            nullptr);
    ::_exit(127);
  }
  ::close(ends[0]);
  return {child, ends[1]};
}

}  // namespace

PrivatePostgres& PrivatePostgres::instance() {
  static PrivatePostgres server;
  return server;
}

PrivatePostgres::PrivatePostgres() : folder_(temporary_folder()) {
  std::tie(sweeper_, sweepers_signal_) = hire_sweeper(folder_);
  if (const passwd* user = server_user())
    if (::chown(folder_.c_str(), user->pw_uid, user->pw_gid) != 0)
      throw std::runtime_error("chown " + folder_);
  const std::string programs = programs_folder();
  initialize(programs);
  start(programs);
}

void PrivatePostgres::initialize(const std::string& programs) {
  const int child = spawn(folder_, {programs + "/initdb", "-D", folder_ + "/data", "-U", "postgres",
                                    "-A", "trust", "-N", "--encoding=UTF8", "--locale=C"});
  int status = 0;
  ::waitpid(child, &status, 0);
  if (status != 0) throw std::runtime_error("initdb failed: see " + folder_ + "/log");
}

void PrivatePostgres::start(const std::string& programs) {
  server_ = spawn(folder_, {programs + "/postgres", "-D", folder_ + "/data", "-k", folder_, "-h",
                            "", "-F", "-c", "max_connections=60", "-c", "shared_buffers=64MB", "-c",
                            "wal_level=logical", "-c", "autovacuum=off"});
  for (int attempt = 0; attempt < 600; ++attempt) {
    PostgresDatabase database({dsn(), "public"});
    database.connect();
    if (database.connected()) return;
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  throw std::runtime_error("the server did not start: see " + folder_ + "/log");
}

PrivatePostgres::~PrivatePostgres() {
  if (server_ > 0) {
    ::kill(server_, SIGQUIT);
    ::waitpid(server_, nullptr, 0);
  }
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
  ::kill(sweeper_, SIGKILL);
  ::waitpid(sweeper_, nullptr, 0);
  ::close(sweepers_signal_);
}

std::string PrivatePostgres::dsn(const std::string& user) const {
  return "host=" + folder_ + " dbname=postgres user=" + user;
}

std::string PrivatePostgres::fresh_schema() { return "ledger_" + std::to_string(++schemas_); }

void PrivatePostgres::execute(const std::string& sql) { ask(sql); }

std::string PrivatePostgres::ask(const std::string& sql) {
  PostgresDatabase database({dsn(), "public"});
  database.connect();
  const PostgresRows rows = database.execute(sql);
  if (database.error()) throw std::runtime_error(database.error()->message);
  return rows.empty() ? std::string() : std::string(rows.text(0, 0));
}

}  // namespace walpulse::monitor::testing
