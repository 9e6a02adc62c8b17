#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <optional>

#include "monitor/command/deliveries.h"
#include "monitor/command/descriptors.h"
#include "monitor/command/doctor.h"
#include "monitor/command/mute.h"
#include "monitor/command/notify.h"
#include "monitor/command/page_script.h"
#include "monitor/command/problems.h"
#include "monitor/command/redrive.h"
#include "monitor/command/rules.h"
#include "monitor/command/sources.h"
#include "monitor/options/options.h"
#include "monitor/service/page.h"
#include "monitor/service/serve.h"
#include "publisher/auth/cloud_sql_token_passfile.h"
#include "publisher/database/dsn.h"
#include "publisher/telemetry/log.h"

/// Read by jemalloc before main(): two arenas, and what is free goes back within a second. Some
/// twenty threads take bodies that others free. glibc keeps eight heaps a core, each as large as it
/// ever was; two of its heaps cost a tenth of the intake (bench/results.md).
extern "C" {
const char* malloc_conf = "narenas:2,dirty_decay_ms:1000,muzzy_decay_ms:0";  // NOLINT
}

namespace {

using namespace walpulse;

const char* environment(const char* name) { return std::getenv(name); }

/// Before the first thread, which inherits the mask: sigwait() alone then sees these signals.
/// SIGHUP is one of them where there are rules to be read again; else it ends the program, as ever.
sigset_t block_signals(bool has_rules) {
  sigset_t stop;
  sigemptyset(&stop);
  sigaddset(&stop, SIGTERM);
  sigaddset(&stop, SIGINT);
  if (has_rules) sigaddset(&stop, SIGHUP);
  pthread_sigmask(SIG_BLOCK, &stop, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  return stop;
}

/// --cloud-sql-iam: every session reads its password, a token that lives, from the login's file.
Result<std::unique_ptr<auth::CloudSqlTokenPassfile>> log_in(monitor::ServeOptions& options) {
  auto http = http::make_client();
  auth::CredentialOptions credentials;
  credentials.scopes = {auth::kCloudSqlLoginScope};
  auto tokens = auth::make_default_token_source(*http, credentials);
  if (!tokens) return forward(tokens);
  auto login = auth::CloudSqlTokenPassfile::start(std::move(http), *std::move(tokens));
  if (!login) return login;
  auto dsn = database::with_password_file(options.ledger, (*login)->password_file(), environment);
  if (!dsn) return forward(dsn);
  options.ledger = *std::move(dsn);
  return login;
}

}  // namespace

int main(int argc, char** argv) {
  auto parsed = monitor::parse_command_line({argv + 1, argv + argc}, config::process_sources());
  if (!parsed) return config::leave(parsed.error());
  monitor::ServeOptions& options = *parsed;
  if (options.command == monitor::Command::descriptors)
    return monitor::descriptors(options, environment);
  const bool is_rules = options.command == monitor::Command::rules;
  if (is_rules && !monitor::asks_the_ledger(options)) return monitor::rules_command(options);
  const bool is_page = options.command == monitor::Command::page;
  if (is_page && options.print_sql) return monitor::print_page_script(options);
  const sigset_t stop = is_page || options.command == monitor::Command::serve
                            ? block_signals(!options.rules_path.empty())
                            : sigset_t{};
  telemetry::start_logging(options.log);
  std::unique_ptr<auth::CloudSqlTokenPassfile> login;
  std::optional<Result<std::string>> identity;
  if (options.cloud_sql_iam && !options.print_sql) {
    auto logged_in = log_in(options);
    if (logged_in) {
      login = *std::move(logged_in);
      identity = login->identity();
    } else if (options.command == monitor::Command::doctor) {
      identity = forward(logged_in);
    } else {
      std::fprintf(stderr, "walpulse-monitor: --cloud-sql-iam: %s\n",
                   to_string(logged_in.error()).c_str());
      return kExitUnavailable;
    }
  }
  if (options.command == monitor::Command::doctor)
    return monitor::doctor(options, environment, identity);
  if (options.command == monitor::Command::redrive) return monitor::redrive(options);
  if (options.command == monitor::Command::sources) return monitor::sources(options);
  if (options.command == monitor::Command::problems) return monitor::problems(options);
  if (is_rules) return monitor::rules_command(options);
  if (options.command == monitor::Command::mute) return monitor::mute(options);
  if (options.command == monitor::Command::deliveries) return monitor::deliveries(options);
  if (options.command == monitor::Command::notify) return monitor::notify(options, environment);
  const monitor::WaitForStop wait = [&](const std::function<void()>& reread) {
    int signal = 0;
    while (sigwait(&stop, &signal) == 0 && signal == SIGHUP) reread();
  };
  return is_page ? monitor::page(options, wait) : monitor::serve(options, environment, wait);
}
