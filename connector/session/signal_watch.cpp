#include "connector/session/signal_watch.h"

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <cassert>

#include "decoder/base/logging.h"
#include "publisher/config/exit_codes.h"

namespace walpulse::connector {
SignalWatch::SignalWatch(std::stop_source stop, Wakeup& wakeup,
                         std::chrono::milliseconds stop_max) {
  sigset_t wanted;
  ::sigemptyset(&wanted);
  ::sigaddset(&wanted, SIGTERM);
  ::sigaddset(&wanted, SIGINT);
  ::pthread_sigmask(SIG_BLOCK, &wanted, nullptr);
  ::signal(SIGPIPE, SIG_IGN);
  const int signals = ::signalfd(-1, &wanted, SFD_CLOEXEC);
  assert(signals >= 0);
  thread_ = std::jthread([this, signals, stop, &wakeup, stop_max] {
    watch(signals, stop, wakeup, stop_max);
    ::close(signals);
  });
}

SignalWatch::~SignalWatch() { end_.raise(); }

void SignalWatch::leave(int code) {
  code_ = code;
  leave_.raise();
}

void SignalWatch::watch(int signals, std::stop_source stop, Wakeup& wakeup,
                        std::chrono::milliseconds stop_max) {
  ::pthread_setname_np(::pthread_self(), "signals");
  pollfd polled[3] = {
      {signals, POLLIN, 0}, {end_.descriptor(), POLLIN, 0}, {leave_.descriptor(), POLLIN, 0}};
  std::chrono::milliseconds wait{-1};
  while (true) {
    const int ready = ::poll(polled, 3, static_cast<int>(wait.count()));
    if (ready == 0) {
      SPDLOG_ERROR("not stopped in time, ending the process");
      ::_exit(kExitFailed);
    }
    if (ready < 0) continue;
    if (polled[1].revents != 0) return;
    if (polled[2].revents != 0) {
      // Connections that hang are left behind: what they had to do is done.
      pollfd end{end_.descriptor(), POLLIN, 0};
      if (::poll(&end, 1, 1'000) == 0) ::_exit(code_);
      return;
    }
    signalfd_siginfo signal{};
    if (::read(signals, &signal, sizeof signal) != sizeof signal) continue;
    if (stop.stop_requested()) ::_exit(128 + static_cast<int>(signal.ssi_signo));
    SPDLOG_INFO("stopping signal={}", signal.ssi_signo);
    wait = stop_max;
    stop.request_stop();
    wakeup.raise();
  }
}

}  // namespace walpulse::connector
