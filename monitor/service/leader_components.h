#pragma once

#include <chrono>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "monitor/leader/dead_letter_relay.h"
#include "monitor/leader/last_success.h"
#include "monitor/leader/leader_elector.h"
#include "monitor/leader/pruner.h"
#include "monitor/leader/settler.h"
#include "monitor/rules/rule_book.h"
#include "monitor/service/component.h"
#include "monitor/watch/problem_watch.h"

namespace walpulse::monitor {

/// Seeks and keeps the lead, and gives it up when all that only the leader does has stopped. What
/// the constructors of these components take must outlive them.
class LeaseComponent final : public Component {
 public:
  explicit LeaseComponent(LeaderElection& ledger) : ledger_(ledger) {}
  std::string_view name() const override { return "lease"; }
  Result<void> start() override;
  void stop(Clock::time_point deadline) override;
  Health health() const override;

 private:
  LeaderElection& ledger_;
  std::optional<LeaderElector> elector_;
};

/// Counts what has settled.
class SettlerComponent final : public Component {
 public:
  SettlerComponent(LedgerMaintenance& ledger, std::chrono::milliseconds settle);
  std::string_view name() const override { return "settler"; }
  Result<void> start() override;
  void stop(Clock::time_point deadline) override;
  Health health() const override;

 private:
  LedgerMaintenance& ledger_;
  const std::chrono::milliseconds settle_;
  std::optional<Settler> settler_;
};

/// Looks for what needs a person.
class ProblemComponent final : public Component {
 public:
  /// Told of each look, also where it found nothing new.
  using Tell = std::function<void(const ProblemNews&)>;
  ProblemComponent(Ledger& ledger, ProblemWatch::RulesInForce rules, Tell tell);
  std::string_view name() const override { return "problems"; }
  Result<void> start() override;
  void stop(Clock::time_point deadline) override;
  Health health() const override;
  /// Whether problems are looked for here: led, and no longer than kWorksWithin ago.
  bool looks() const { return looked_.within(kWorksWithin, Clock::now()); }
  /// Something happened that may be one: looks at once. Thread-safe.
  void look_soon() { rounds_.wake(); }

 private:
  std::chrono::milliseconds look();

  Ledger& ledger_;
  ProblemWatch watch_;
  const Tell tell_;
  LastSuccess looked_;
  Clock::time_point next_{};  ///< Not sooner, however often something happens; of the rounds.
  mutable std::mutex mutex_;
  std::string trouble_;
  Rounds rounds_;
};

/// Forgets runs that nothing needs any more.
class PrunerComponent final : public Component {
 public:
  explicit PrunerComponent(LedgerMaintenance& ledger) : ledger_(ledger) {}
  std::string_view name() const override { return "pruner"; }
  Result<void> start() override;
  void stop(Clock::time_point deadline) override;

 private:
  LedgerMaintenance& ledger_;
  std::optional<Pruner> pruner_;
};

/// Forwards rejected messages.
class DeadLetterComponent final : public Component {
 public:
  DeadLetterComponent(RejectedMessages& ledger, pubsub::Client& pubsub, std::string topic);
  std::string_view name() const override { return "dead letters"; }
  Result<void> start() override;
  void stop(Clock::time_point deadline) override;
  Health health() const override;

 private:
  RejectedMessages& ledger_;
  pubsub::Client& pubsub_;
  const std::string topic_;
  std::optional<DeadLetterRelay> relay_;
};

}  // namespace walpulse::monitor
