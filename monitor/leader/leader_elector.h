#pragma once

#include <chrono>
#include <mutex>
#include <optional>
#include <string>

#include "monitor/leader/periodic_task.h"
#include "monitor/ledger/leader_election.h"

namespace walpulse::monitor {

struct LeaseOptions {
  /// A leader that is killed is followed after this and one renewal at the latest.
  std::chrono::milliseconds ttl{20'000};
  std::chrono::milliseconds renewal{5'000};
};

/// Takes the lead of the instances that share a ledger where nobody has it, and keeps it.
class LeaderElector {
 public:
  /// Asks for the lead before it returns, then on a thread of its own. `ledger` must outlive it.
  explicit LeaderElector(LeaderElection& ledger, LeaseOptions options = {});
  ~LeaderElector();

  /// Gives the lead up, so that another instance need not wait until it ends. Whoever exports,
  /// prunes or forwards must have stopped.
  void stop();
  /// Why the last request failed; empty where it did not.
  std::string health() const;

 private:
  void ask();

  LeaderElection& ledger_;
  const LeaseOptions options_;
  bool led_ = false;  // The asking thread's own.

  mutable std::mutex mutex_;
  std::string trouble_;
  std::optional<PeriodicTask> rounds_;
};

}  // namespace walpulse::monitor
