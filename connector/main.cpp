#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <iostream>
#include <sstream>

#include "connector/capture/run_command.h"
#include "connector/command/commands.h"
#include "connector/options/options.h"
#include "connector/recover/recover_command.h"
#include "connector/replay/replay_command.h"
#include "connector/snapshot/take_snapshot.h"
#include "publisher/gcp/log.h"

namespace {

using namespace walpulse::connector;

std::optional<std::string> read_file(const std::string& path) {
  std::ifstream file(path);
  if (!file) return std::nullopt;
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

void start_logging(const Invocation& invocation) {
  walpulse::gcp::LogOptions log;
  using Format = walpulse::gcp::LogOptions::Format;
  if (invocation.log_format == "json") log.format = Format::json;
  if (invocation.log_format == "text") log.format = Format::text;
  log.level = invocation.log_level;
  log.service = "walpulse-connector";
  // Events or a report are on stdout then.
  log.to_stderr = invocation.command != Command::run || invocation.run.publish.to == "stdout";
  walpulse::gcp::start_logging(log);
}

int dispatch(const Invocation& invocation) {
  const Terminal terminal{std::cin, std::cout, std::cerr, isatty(STDIN_FILENO) != 0};
  switch (invocation.command) {
    case Command::setup:
      return setup_command(invocation, terminal);
    case Command::run:
      return run_command(invocation.run);
    case Command::replay:
      return replay_command(invocation);
    case Command::snapshot:
      return snapshot_command(invocation);
    case Command::status:
      return status_command(invocation, terminal);
    case Command::doctor:
      return doctor_command(invocation, terminal);
    case Command::recover:
      return recover_command(invocation, terminal);
    case Command::teardown:
      return teardown_command(invocation, terminal);
  }
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  const OptionSources sources{[](const char* name) -> const char* { return std::getenv(name); },
                              read_file};
  const auto line = parse_command_line({argv + 1, argv + argc}, sources);
  if (!line.invocation) {
    (line.exit_code == 0 ? std::cout : std::cerr) << line.text;
    return line.exit_code;
  }
  start_logging(*line.invocation);
  return dispatch(*line.invocation);
}
