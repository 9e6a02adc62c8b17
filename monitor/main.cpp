#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <variant>

#include "monitor/descriptors.h"
#include "monitor/doctor.h"
#include "monitor/options/options.h"
#include "monitor/redrive.h"
#include "monitor/serve.h"
#include "publisher/gcp/log.h"

namespace {

using namespace walpulse;

const char* environment(const char* name) { return std::getenv(name); }

/// Before the first thread, which inherits the mask: sigwait() alone then sees these signals.
sigset_t block_stop_signals() {
  sigset_t stop;
  sigemptyset(&stop);
  sigaddset(&stop, SIGTERM);
  sigaddset(&stop, SIGINT);
  pthread_sigmask(SIG_BLOCK, &stop, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  return stop;
}

}  // namespace

int main(int argc, char** argv) {
  const auto parsed = monitor::parse_options(argc, argv, environment);
  if (const auto* exit = std::get_if<monitor::Exit>(&parsed)) {
    std::fputs(exit->text.c_str(), exit->code == 0 ? stdout : stderr);
    return exit->code;
  }
  const auto& options = std::get<monitor::ServeOptions>(parsed);
  if (options.command == monitor::Command::doctor) return monitor::doctor(options);
  if (options.command == monitor::Command::descriptors) return monitor::descriptors(options);
  if (options.command == monitor::Command::redrive) {
    gcp::start_logging(options.log);
    return monitor::redrive(options);
  }
  const sigset_t stop = block_stop_signals();
  gcp::start_logging(options.log);
  return monitor::serve(options, environment, [&] {
    int signal = 0;
    sigwait(&stop, &signal);
  });
}
