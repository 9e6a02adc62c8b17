#include "monitor/service/api_component.h"

#include <utility>

#include "decoder/base/clock.h"

namespace walpulse::monitor {

ApiComponent::ApiComponent(LedgerReader& ledger, const rules::RuleBook& rules,
                           const ServeOptions& options, std::function<api::MonitorFacts()> facts)
    : ledger_(ledger), rules_(rules), options_(options), facts_(std::move(facts)) {}

Result<void> ApiComponent::start() {
  api::ApiOptions options;
  options.mage_url = options_.mage_url;
  handler_.emplace(ledger_, rules_, api::ApiProbes{facts_, wall_clock}, std::move(options));
  return {};
}

void ApiComponent::stop(Clock::time_point) { handler_.reset(); }

}  // namespace walpulse::monitor
