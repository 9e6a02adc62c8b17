#include "connector/signal_watch.h"

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <spdlog/spdlog.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <cassert>

namespace walpulse::connector {
namespace {

void watch(int signals, const Wakeup& end, std::stop_source stop, Wakeup& wakeup) {
  ::pthread_setname_np(::pthread_self(), "signals");
  pollfd polled[2] = {{signals, POLLIN, 0}, {end.descriptor(), POLLIN, 0}};
  while (true) {
    if (::poll(polled, 2, -1) < 0) continue;
    if (polled[1].revents != 0) return;
    signalfd_siginfo signal{};
    if (::read(signals, &signal, sizeof signal) != sizeof signal) continue;
    if (stop.stop_requested()) ::_exit(128 + static_cast<int>(signal.ssi_signo));
    spdlog::info("stopping signal={}", signal.ssi_signo);
    stop.request_stop();
    wakeup.raise();
  }
}

}  // namespace

SignalWatch::SignalWatch(std::stop_source stop, Wakeup& wakeup) {
  sigset_t wanted;
  ::sigemptyset(&wanted);
  ::sigaddset(&wanted, SIGTERM);
  ::sigaddset(&wanted, SIGINT);
  ::pthread_sigmask(SIG_BLOCK, &wanted, nullptr);
  ::signal(SIGPIPE, SIG_IGN);
  const int signals = ::signalfd(-1, &wanted, SFD_CLOEXEC);
  assert(signals >= 0);
  thread_ = std::jthread([this, signals, stop, &wakeup] {
    watch(signals, end_, stop, wakeup);
    ::close(signals);
  });
}

SignalWatch::~SignalWatch() { end_.raise(); }

}  // namespace walpulse::connector
