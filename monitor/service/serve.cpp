#include "monitor/service/serve.h"

#include <chrono>
#include <memory>
#include <string>
#include <utility>

#include "decoder/base/clock.h"
#include "decoder/base/logging.h"
#include "monitor/export/monitoring_setup.h"
#include "monitor/notify/alert_log.h"
#include "monitor/options/push_options.h"
#include "monitor/service/export_component.h"
#include "monitor/service/http_components.h"
#include "monitor/service/intake_components.h"
#include "monitor/service/leader_components.h"
#include "monitor/service/ledger_opening.h"
#include "monitor/service/service.h"
#include "publisher/pubsub/connection.h"

namespace walpulse::monitor {
namespace {

/// Cloud Run leaves ten seconds after SIGTERM.
constexpr std::chrono::milliseconds kStopBudget{9'000};

int refuse(int code, const std::string& what) {
  SPDLOG_ERROR("{}", what);
  return code;
}

}  // namespace

int serve(const ServeOptions& options, const Environment& environment,
          const std::function<void()>& wait_for_stop) {
  auto ledger = open_ledger(options);
  if (!ledger)
    return refuse(kExitUnavailable, "cannot open the ledger: " + to_string(ledger.error()));

  const auto http = http::make_client();
  CloudMonitoring monitoring;
  if (options.exports_to("cloud-monitoring")) {
    auto made = make_cloud_monitoring(*http, options, environment, **ledger);
    if (!made) {
      return refuse(retryable(made.error()) ? kExitUnavailable : kExitConfiguration,
                    to_string(made.error()));
    }
    monitoring = std::move(*made);
  }
  pubsub::Connection pubsub;
  if (!options.subscription.empty() || !options.dead_letter.empty()) {
    auto made = pubsub::connect(*http, environment);
    if (!made) return refuse(kExitConfiguration, to_string(made.error()));
    pubsub = std::move(*made);
  }
  ProcessMetrics process(wall_clock());
  const auto tell = [&](const RunAlert& alert) { log_alert(alert, options.mage_url); };

  Service service;
  service.add<LeaseComponent>(**ledger);
  service.add<ExportComponent>(**ledger, monitoring.writer.get(), options);
  service.add<SettlerComponent>(**ledger, options.settle, tell);
  auto& intake = service.add<IntakeComponent>(**ledger, tell);
  service.add<PrunerComponent>(**ledger);
  if (!options.dead_letter.empty()) {
    service.add<DeadLetterComponent>(**ledger, *pubsub.client,
                                     topic_of(options.dead_letter).value_or(""));
  }
  if (!options.subscription.empty()) {
    service.add<PullComponent>(intake, *pubsub.client, process, options.subscription,
                               pubsub::endpoint(environment));
  }
  auto& keys = service.add<PushKeysComponent>(options);
  auto& status = service.add<StatusComponent>(
      **ledger, process, intake, [&service] { return service.health(); }, ledger_name(options));
  auto& server = service.add<HttpComponent>(options, process, intake, keys, status);

  if (auto started = service.start(); !started) {
    return refuse(kExitUnavailable, to_string(started.error()));
  }
  SPDLOG_INFO("serving address={} port={} ledger={} push_auth={}", options.http_address,
              server.port(), ledger_name(options),
              name_of(options.push_auth.value_or(PushAuth::refuse)));
  wait_for_stop();
  SPDLOG_INFO("stopping");
  service.stop(Service::Clock::now() + kStopBudget);
  SPDLOG_INFO("stopped");
  return 0;
}

}  // namespace walpulse::monitor
