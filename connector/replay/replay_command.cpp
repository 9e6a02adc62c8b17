#include "connector/replay/replay_command.h"

#include "connector/replay/replay_run.h"
#include "connector/session/signal_watch.h"

namespace walpulse::connector {

int replay_command(const Invocation& invocation) {
  std::stop_source stop;
  Wakeup wakeup;
  // Beside the drain: one connection attempt.
  SignalWatch signals(stop, wakeup, invocation.run.drain_deadline + std::chrono::seconds{12});
  ReplayRun run(invocation, stop.get_token(), wakeup);
  const int code = run.execute();
  signals.leave(code);
  return code;
}

}  // namespace walpulse::connector
