#include "connector/capture/run_command.h"

#include "connector/capture/capture_run.h"
#include "connector/session/signal_watch.h"

namespace walpulse::connector {

int run_command(const RunOptions& options) {
  std::stop_source stop;
  Wakeup wakeup;
  // Beside the drain: one connection attempt and the look at the confirmed position.
  SignalWatch signals(stop, wakeup, options.drain_deadline + std::chrono::seconds{12});
  CaptureRun run(options, stop.get_token(), wakeup);
  const int code = run.execute();
  signals.leave(code);
  return code;
}

}  // namespace walpulse::connector
