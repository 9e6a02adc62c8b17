#include "monitor/service/serve.h"

#include <chrono>
#include <iterator>
#include <memory>
#include <string>
#include <utility>

#include "decoder/base/clock.h"
#include "decoder/base/logging.h"
#include "monitor/export/monitoring_setup.h"
#include "monitor/notify/alert_log.h"
#include "monitor/notify/problem_log.h"
#include "monitor/notify/run_log.h"
#include "monitor/options/access_options.h"
#include "monitor/options/push_options.h"
#include "monitor/service/access_component.h"
#include "monitor/service/api_component.h"
#include "monitor/service/export_component.h"
#include "monitor/service/http_components.h"
#include "monitor/service/intake_components.h"
#include "monitor/service/leader_components.h"
#include "monitor/service/ledger_opening.h"
#include "monitor/service/outbox_component.h"
#include "monitor/service/rules_component.h"
#include "monitor/service/service.h"
#include "publisher/pubsub/connection.h"

namespace walpulse::monitor {
namespace {

/// Cloud Run leaves ten seconds after SIGTERM.
constexpr std::chrono::milliseconds kStopBudget{9'000};

int give_up(int code, const std::string& what) {
  SPDLOG_ERROR("{}", what);
  return code;
}

/// What the API says of this process.
api::MonitorFacts facts_of(const ServeOptions& options, const Ledger& ledger,
                           const ProcessMetrics& process, Health health) {
  api::MonitorFacts facts;
  facts.instance = instance_name();
  facts.started = process.started();
  facts.ledger = ledger_name(options);
  facts.listens_on = options.subscription;
  if (facts.listens_on.empty())
    facts.listens_on = "http://" + options.http_address + ":" +
                       std::to_string(options.http_port.value_or(kHttpPort)) + "/push";
  facts.leadership = ledger.leadership();
  facts.warnings = std::move(health.not_ready);
  std::move(health.warnings.begin(), health.warnings.end(), std::back_inserter(facts.warnings));
  std::erase_if(facts.warnings, [](const std::string& text) { return text.empty(); });
  return facts;
}

}  // namespace

int serve(const ServeOptions& options, const Environment& environment,
          const WaitForStop& wait_for_stop) {
  const auto rules = open_rules(options);
  if (!rules) return kExitConfiguration;
  auto ledger = open_ledger(options);
  if (!ledger)
    return give_up(kExitUnavailable, "cannot open the ledger: " + to_string(ledger.error()));

  const auto http = http::make_client();
  CloudMonitoring monitoring;
  if (options.exports_to("cloud-monitoring")) {
    auto made = make_cloud_monitoring(*http, options, environment, **ledger);
    if (!made) {
      return give_up(retryable(made.error()) ? kExitUnavailable : kExitConfiguration,
                     to_string(made.error()));
    }
    monitoring = std::move(*made);
  }
  pubsub::Connection pubsub;
  if (!options.subscription.empty() || !options.dead_letter.empty()) {
    auto made = pubsub::connect(*http, environment);
    if (!made) return give_up(kExitConfiguration, to_string(made.error()));
    pubsub = std::move(*made);
  }
  ProcessMetrics process(wall_clock());

  Service service;
  auto& access = service.add<AccessComponent>(options);
  service.add<LeaseComponent>(**ledger);
  service.add<ExportComponent>(**ledger, monitoring.writer.get(), options);
  service.add<SettlerComponent>(**ledger, options.settle);
  OutboxComponent* outbox = nullptr;
  auto& intake =
      service.add<IntakeComponent>(**ledger, log_alert, [&outbox] { outbox->call_soon(); });
  service.add<PrunerComponent>(**ledger);
  auto& problems = service.add<ProblemComponent>(
      **ledger, [&rules] { return rules->in_force(); },
      [&](const ProblemNews& news) {
        outbox->make_soon();
        log_problems(news, options.mage_url);
      });
  outbox = &service.add<OutboxComponent>(
      **ledger, [&rules] { return rules->in_force(); },
      channels::ChannelTools{*http, environment, ""},
      Composer::Addresses{options.page_url, options.mage_url},
      [&problems] { return problems.looks(); },
      [&](const Happening& happening, const std::string& source) {
        log_run(happening, source, options.mage_url);
        if (may_be_problem(happening)) problems.look_soon();
      });
  if (!options.dead_letter.empty()) {
    service.add<DeadLetterComponent>(**ledger, *pubsub.client,
                                     topic_of(options.dead_letter).value_or(""));
  }
  if (!options.subscription.empty()) {
    service.add<PullComponent>(intake, *pubsub.client, process, options.subscription,
                               pubsub::endpoint(environment));
  }
  RulesComponent* rules_component = nullptr;
  if (!options.rules_path.empty()) {
    rules_component = &service.add<RulesComponent>(*rules, options.rules_reload);
  }
  auto& keys = service.add<PushKeysComponent>(options);
  auto& status = service.add<StatusComponent>(
      **ledger, process, intake, [&service] { return service.health(); },
      [&rules] { return rules_metrics(*rules); }, ledger_name(options));
  auto& mutes = service.add<MuteComponent>(**ledger, options);
  auto& api = service.add<ApiComponent>(**ledger, *rules, options, [&] {
    return facts_of(options, **ledger, process, service.health());
  });
  auto& server =
      service.add<HttpComponent>(options, process, intake, keys, access, mutes, status, api);

  if (auto started = service.start(); !started) {
    return give_up(kExitUnavailable, to_string(started.error()));
  }
  SPDLOG_INFO("serving address={} port={} ledger={} push_auth={} readers={}", options.http_address,
              server.port(), ledger_name(options),
              name_of(options.push_auth.value_or(PushAuth::refuse)),
              name_of(options.access.readers.value_or(Readers::none)));
  wait_for_stop([&] {
    if (rules_component != nullptr) rules_component->look_now();
  });
  SPDLOG_INFO("stopping");
  service.stop(Service::Clock::now() + kStopBudget);
  SPDLOG_INFO("stopped");
  return 0;
}

}  // namespace walpulse::monitor
