#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "monitor/api/api_handler.h"
#include "monitor/options/options.h"
#include "monitor/rules/rule_book.h"
#include "monitor/service/component.h"

namespace walpulse::monitor {

/// Answers what the page and other clients read under /api/v1. What its constructor takes must
/// outlive it.
class ApiComponent final : public Component {
 public:
  /// `facts` is asked from the API's threads.
  ApiComponent(LedgerReader& ledger, const rules::RuleBook& rules, const ServeOptions& options,
               std::function<api::MonitorFacts()> facts);
  std::string_view name() const override { return "api"; }
  Result<void> start() override;
  void stop(Clock::time_point deadline) override;

  /// Only while it runs.
  api::ApiHandler& handler() { return *handler_; }

 private:
  LedgerReader& ledger_;
  const rules::RuleBook& rules_;
  const ServeOptions& options_;
  const std::function<api::MonitorFacts()> facts_;
  std::optional<api::ApiHandler> handler_;
};

}  // namespace walpulse::monitor
