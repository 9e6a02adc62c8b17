#include "monitor/service/page.h"

#include <chrono>
#include <utility>

#include "decoder/base/clock.h"
#include "decoder/base/logging.h"
#include "monitor/options/access_options.h"
#include "monitor/service/access_component.h"
#include "monitor/service/api_component.h"
#include "monitor/service/ledger_opening.h"
#include "monitor/service/page_component.h"
#include "monitor/service/rules_component.h"
#include "monitor/service/service.h"

namespace walpulse::monitor {
namespace {

/// Cloud Run leaves ten seconds after SIGTERM.
constexpr std::chrono::milliseconds kPageStopBudget{9'000};

int leave_page(const Error& error) {
  SPDLOG_ERROR("{}", to_string(error));
  return kExitUnavailable;
}

/// It takes no messages and never leads: who does it does not know.
api::MonitorFacts facts_of_page(const ServeOptions& options, Timestamp started, Health health) {
  api::MonitorFacts facts;
  facts.instance = instance_name();
  facts.started = started;
  facts.ledger = ledger_name(options);
  facts.judges = false;
  facts.warnings = std::move(health.warnings);
  std::erase_if(facts.warnings, [](const std::string& text) { return text.empty(); });
  return facts;
}

}  // namespace

int page(const ServeOptions& options, const WaitForStop& wait_for_stop) {
  const auto rules = open_rules(options);
  if (!rules) return kExitConfiguration;
  auto ledger = show_ledger(options);
  if (!ledger) return leave_page(ledger.error());
  Service service;
  auto& access = service.add<AccessComponent>(options);
  auto& mutes = service.add<MuteComponent>(**ledger, options);
  RulesComponent* rules_component = nullptr;
  if (!options.rules_path.empty())
    rules_component = &service.add<RulesComponent>(*rules, options.rules_reload);
  auto& api = service.add<ApiComponent>(**ledger, *rules, options, [&, started = wall_clock()] {
    return facts_of_page(options, started, service.health());
  });
  auto& server = service.add<PageServerComponent>(options, access, mutes, api);
  if (auto started = service.start(); !started) return leave_page(started.error());
  SPDLOG_INFO("the page is served address={} port={} ledger={} readers={}", options.http_address,
              server.port(), ledger_name(options),
              name_of(options.access.readers.value_or(Readers::none)));
  wait_for_stop([&] {
    if (rules_component != nullptr) rules_component->look_now();
  });
  SPDLOG_INFO("stopping");
  service.stop(Service::Clock::now() + kPageStopBudget);
  SPDLOG_INFO("stopped");
  return 0;
}

}  // namespace walpulse::monitor
