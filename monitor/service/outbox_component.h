#pragma once

#include <chrono>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "monitor/delivery/relay.h"
#include "monitor/leader/last_success.h"
#include "monitor/leader/periodic_task.h"
#include "monitor/ledger/ledger.h"
#include "monitor/service/component.h"
#include "monitor/telling/channel_book.h"
#include "monitor/telling/composer.h"
#include "monitor/telling/deadman.h"
#include "monitor/telling/happening_router.h"

namespace walpulse::monitor {

/// Tells people of problems, logs what happened to runs and calls what must run next, while this
/// instance leads: makes deliveries of what happened and of what was noted, and sends them.
class OutboxComponent final : public Component {
 public:
  using RulesInForce = Deadman::RulesInForce;
  using LogRun = HappeningRouter::LogRun;
  /// The ledger and the client must outlive it. `looks`: whether problems are looked for. `pause`
  /// is between two rounds.
  OutboxComponent(Ledger& ledger, RulesInForce rules, channels::ChannelTools tools,
                  Composer::Addresses addresses, std::function<bool()> looks, LogRun log,
                  std::chrono::milliseconds pause = std::chrono::milliseconds(100));
  std::string_view name() const override { return "outbox"; }
  Result<void> start() override;
  void stop(Clock::time_point deadline) override;
  Health health() const override;
  /// Something happened to a run: it is handled at once, or with the next round where this was said
  /// just now, so that a busy intake is not followed step by step. Thread-safe.
  void call_soon();
  /// Something was noted that is to be told: makes what is due at once. Thread-safe.
  void make_soon() { messages_.rounds.wake(); }

 private:
  /// What is done again and again, on a thread of its own: neither waits for the other.
  struct Work {
    LastSuccess done;
    std::string trouble;
    Rounds rounds;
  };
  /// Whether something was made that is to be sent.
  using Step = Result<bool> (OutboxComponent::*)(const rules::RuleBook::InForce& rules);
  void begin(Work& work, Step step, const char* what);
  std::chrono::milliseconds round(Work& work, Step step, const char* what);
  bool tells() const;
  Result<bool> route(const rules::RuleBook::InForce& rules);
  Result<bool> compose(const rules::RuleBook::InForce& rules);

  Ledger& ledger_;
  const RulesInForce rules_;
  const channels::ChannelTools tools_;
  ChannelBook book_;        ///< Of the relay's thread.
  HappeningRouter router_;  ///< Of the thread that calls.
  Composer composer_;       ///< Of the thread that tells.
  const std::function<bool()> looks_;
  const std::chrono::milliseconds pause_;
  LastSuccess hastened_;  ///< When calls were made sooner last.
  mutable std::mutex mutex_;
  std::optional<Relay> relay_;
  std::optional<Deadman> deadman_;
  Work calls_, messages_;  // Last: they use the others.
};

}  // namespace walpulse::monitor
