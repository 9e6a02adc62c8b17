#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "monitor/leader/periodic_task.h"
#include "monitor/options/options.h"
#include "monitor/rules/rule_book.h"
#include "monitor/service/component.h"
#include "publisher/telemetry/metric.h"

namespace walpulse::monitor {

/// Keeps the rules in force as their files say: looks at them again and again, and when it is told
/// to. Each instance reads its own files.
class RulesComponent final : public Component {
 public:
  /// `reload`: how often to look; none: only when told to. The book must outlive it.
  RulesComponent(rules::RuleBook& book, std::optional<std::chrono::milliseconds> reload)
      : book_(book), reload_(reload) {}
  std::string_view name() const override { return "rules"; }
  Result<void> start() override;
  void stop(Clock::time_point deadline) override;
  Health health() const override;

  /// Looks soon, and takes at once what it finds. From any thread, while it runs.
  void look_now();

 private:
  std::chrono::milliseconds look();

  rules::RuleBook& book_;
  const std::optional<std::chrono::milliseconds> reload_;
  std::atomic<bool> told_ = false;
  std::optional<PeriodicTask> task_;
};

/// `walpulse_rules_info{hash}`, 1, and `walpulse_rules_broken`, 1 while the files have mistakes;
/// nothing where there is no file.
std::vector<telemetry::Metric> rules_metrics(const rules::RuleBook& book);

/// The rules that the options name, or the defaults; null where they are not in order, which the
/// log then says.
std::unique_ptr<rules::RuleBook> open_rules(const ServeOptions& options);

/// Logs each mistake, or as many as a log should hold.
void log_mistakes(const rules::Mistakes& mistakes);

}  // namespace walpulse::monitor
