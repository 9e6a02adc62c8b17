#include "connector/run_command.h"

#include "connector/capture_run.h"
#include "connector/signal_watch.h"

namespace walpulse::connector {

int run_command(const RunOptions& options) {
  std::stop_source stop;
  Wakeup wakeup;
  const SignalWatch signals(stop, wakeup);
  return CaptureRun(options, stop.get_token(), wakeup).execute();
}

}  // namespace walpulse::connector
