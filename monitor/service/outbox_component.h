#pragma once

#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "monitor/delivery/relay.h"
#include "monitor/leader/periodic_task.h"
#include "monitor/ledger/ledger.h"
#include "monitor/service/component.h"
#include "monitor/telling/channel_book.h"
#include "monitor/telling/composer.h"
#include "monitor/telling/deadman.h"

namespace walpulse::monitor {

/// Tells people of problems, and calls what must run next, while this instance leads: makes
/// deliveries of what happened and of what was noted, and sends them.
class OutboxComponent final : public Component {
 public:
  using RulesInForce = Deadman::RulesInForce;
  /// The ledger and the client must outlive it.
  OutboxComponent(Ledger& ledger, RulesInForce rules, channels::ChannelTools tools,
                  Composer::Addresses addresses);
  std::string_view name() const override { return "outbox"; }
  Result<void> start() override;
  void stop(Clock::time_point deadline) override;
  Health health() const override;

 private:
  std::chrono::milliseconds round();
  Result<bool> route(const rules::RuleBook::InForce& rules);
  Result<bool> compose(const rules::RuleBook::InForce& rules);

  Ledger& ledger_;
  const RulesInForce rules_;
  const channels::ChannelTools tools_;
  ChannelBook book_;   ///< Of the relay's thread.
  Composer composer_;  ///< Of the thread of the rounds.
  mutable std::mutex mutex_;
  std::string trouble_;
  std::optional<Deadman> deadman_;
  std::optional<Relay> relay_;
  std::optional<PeriodicTask> rounds_;  // Last: it uses the others.
};

}  // namespace walpulse::monitor
