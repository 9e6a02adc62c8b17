#include <unistd.h>

#include <cstdlib>
#include <iostream>

#include "connector/capture/run_command.h"
#include "connector/command/commands.h"
#include "connector/options/options.h"
#include "connector/recover/recover_command.h"
#include "connector/replay/replay_command.h"
#include "connector/snapshot/take_snapshot.h"
#include "connector/stream/replication_stream.h"
#include "publisher/auth/cloud_sql_token_passfile.h"
#include "publisher/config/exit_codes.h"
#include "publisher/database/dsn.h"
#include "publisher/telemetry/log.h"

namespace {

using namespace walpulse::connector;
using walpulse::kExitFailed;
namespace auth = walpulse::auth;
namespace config = walpulse::config;
namespace database = walpulse::database;

void start_logging(const Invocation& invocation) {
  walpulse::telemetry::LogOptions log;
  using Format = walpulse::telemetry::LogOptions::Format;
  if (invocation.log_format == "json") log.format = Format::json;
  if (invocation.log_format == "text") log.format = Format::text;
  log.level = invocation.log_level;
  log.service = "walpulse-connector";
  // Events or a report are on stdout then.
  log.to_stderr = invocation.command != Command::run || invocation.run.publish.to == "stdout";
  walpulse::telemetry::start_logging(log);
}

const char* environment(const char* name) { return std::getenv(name); }

/// --cloud-sql-iam: every session that the command opens reads its password, a token that lives,
/// from the login's file.
walpulse::Result<std::unique_ptr<auth::CloudSqlTokenPassfile>> log_in(SourceOptions& source) {
  auto http = walpulse::http::make_client();
  auth::CredentialOptions credentials;
  credentials.scopes = {auth::kCloudSqlLoginScope};
  auto tokens = auth::make_default_token_source(*http, credentials);
  if (!tokens) return tl::unexpected<walpulse::Error>(tokens.error());
  auto login = auth::CloudSqlTokenPassfile::start(std::move(http), *std::move(tokens));
  if (!login) return login;
  auto dsn = database::with_password_file(source.dsn, (*login)->password_file(), environment);
  if (!dsn) return tl::unexpected<walpulse::Error>(dsn.error());
  source.dsn = *std::move(dsn);
  // The owner may be an ordinary role, with a password of its own.
  if (source.admin_dsn.empty() || database::holds_password(source.admin_dsn)) return login;
  dsn = database::with_password_file(source.admin_dsn, (*login)->password_file(), environment);
  if (!dsn) return tl::unexpected<walpulse::Error>(dsn.error());
  source.admin_dsn = *std::move(dsn);
  return login;
}

/// As the stream of `run` begins.
walpulse::Result<void> try_stream(const std::string& dsn) {
  Wakeup wakeup;
  auto stream = ReplicationStream::connect({.dsn = dsn}, wakeup);
  if (!stream) return forward(stream);
  const auto identity = (*stream)->identify();
  if (!identity) return forward(identity);
  return {};
}

int dispatch(const Invocation& invocation) {
  const Terminal terminal{std::cin, std::cout, std::cerr, isatty(STDIN_FILENO) != 0};
  switch (invocation.command) {
    case Command::setup:
      return setup_command(invocation, terminal, [&](const auto& tables) {
        return read_tables(invocation, invocation.run.source, tables);
      });
    case Command::run:
      return run_command(invocation.run);
    case Command::replay:
      return replay_command(invocation);
    case Command::snapshot:
      return snapshot_command(invocation);
    case Command::status:
      return status_command(invocation, terminal);
    case Command::doctor:
      return doctor_command(invocation, terminal, try_stream);
    case Command::recover:
      return recover_command(invocation, terminal);
    case Command::teardown:
      return teardown_command(invocation, terminal);
  }
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  auto invocation = parse_command_line({argv + 1, argv + argc}, config::process_sources());
  if (!invocation) return config::leave(invocation.error());
  start_logging(*invocation);
  if (!invocation->cloud_sql_iam || invocation->print_sql) return dispatch(*invocation);
  const auto login = log_in(invocation->run.source);
  if (invocation->command == Command::doctor) {
    if (login) {
      invocation->login = (*login)->identity();
    } else {
      invocation->login = tl::unexpected<walpulse::Error>(login.error());
    }
    return dispatch(*invocation);
  }
  if (login) return dispatch(*invocation);
  std::cerr << "walpulse-connector: --cloud-sql-iam: " << to_string(login.error()) << "\n";
  return kExitFailed;
}
