#pragma once

#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "monitor/delivery/relay.h"
#include "monitor/leader/last_success.h"
#include "monitor/leader/periodic_task.h"
#include "monitor/ledger/ledger.h"
#include "monitor/service/component.h"
#include "monitor/telling/channel_book.h"
#include "monitor/telling/composer.h"
#include "monitor/telling/deadman.h"
#include "monitor/telling/server_clock.h"

namespace walpulse::monitor {

/// Tells people of problems, logs what happened to runs and calls what must run next, while this
/// instance leads: makes deliveries of what happened and of what was noted, and sends them.
class OutboxComponent final : public Component {
 public:
  using RulesInForce = Deadman::RulesInForce;
  /// Logs what happened to a run of `source`, "mage/public.pipeline_run". Called before that is
  /// handled for good: whoever leads next says once more what a leader was killed over.
  using LogRun = std::function<void(const Happening& happening, const std::string& source)>;
  /// The ledger and the client must outlive it. `looks`: whether problems are looked for.
  OutboxComponent(Ledger& ledger, RulesInForce rules, channels::ChannelTools tools,
                  Composer::Addresses addresses, std::function<bool()> looks, LogRun log);
  std::string_view name() const override { return "outbox"; }
  Result<void> start() override;
  void stop(Clock::time_point deadline) override;
  Health health() const override;
  /// Something was noted that is to be told: makes what is due at once. Thread-safe.
  void make_soon() { rounds_.wake(); }

 private:
  std::chrono::milliseconds round();
  bool tells() const;
  Result<bool> make(const rules::RuleBook::InForce& rules);
  Result<bool> route(const rules::RuleBook::InForce& rules);
  Result<bool> compose(const std::vector<Composed>& plan);
  void log(const std::vector<SourceRow>& sources, std::span<const Happening> happenings);

  Ledger& ledger_;
  const RulesInForce rules_;
  const channels::ChannelTools tools_;
  ChannelBook book_;   ///< Of the relay's thread.
  Composer composer_;  ///< Of the thread of the rounds; likewise:
  ServerClock clock_;
  const std::function<bool()> looks_;
  const LogRun log_;
  /// By source, run, status and number.
  using HappeningKey = std::tuple<std::int64_t, std::int64_t, std::string, std::uint32_t>;
  static HappeningKey key_of(const Happening& happening);
  std::set<HappeningKey> logged_;  ///< And not handled yet; of the thread of the rounds.
  LastSuccess made_;
  mutable std::mutex mutex_;
  std::string trouble_;
  std::optional<Relay> relay_;
  std::optional<Deadman> deadman_;
  Rounds rounds_;  // Last: it uses the others.
};

}  // namespace walpulse::monitor
