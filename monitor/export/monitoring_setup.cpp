#include "monitor/export/monitoring_setup.h"

#include <functional>
#include <utility>

#include "decoder/base/error_context.h"
#include "decoder/base/logging.h"
#include "monitor/ledger/counting/metric_descriptors.h"
#include "publisher/auth/metadata_server.h"

namespace walpulse::monitor {
namespace {

Result<std::string> find_project(http::Client& http, const Environment& environment) {
  if (auto found = auth::MetadataServer(http, environment).project()) return *found;
  return fail(ErrorKind::rejected, "no project to write metrics to",
              "give --project, for example --project my-project");
}

/// Elsewhere than on Google's machines there is none. Never a guess: with another location all
/// series would restart.
Result<std::string> find_location(http::Client& http, const Environment& environment) {
  auto found = auth::MetadataServer(http, environment).location();
  if (found) return found;
  if (found.error().kind != ErrorKind::timed_out) return "global";
  return fail(of_kind(
      ErrorKind::rejected,
      with_remedy("give --location, for example --location europe-west1",
                  in_context("the metadata server does not say where this is", found.error()))));
}

/// With another value all series restart, so it must not depend on where an instance happens to
/// run: what is given decides, then what is pinned in the ledger, then what is found out.
Result<std::string> agreed(PinnedSettings& pins, const std::string& name, const std::string& given,
                           const std::function<Result<std::string>()>& find) {
  const auto known = pins.pinned(name);
  if (!known) return known;
  if (given.empty() && !known->empty()) return known;
  if (given.empty()) {
    const auto found = find();
    return found ? pins.pin(name, *found) : found;
  }
  if (!known->empty() && *known != given) {
    SPDLOG_WARN("all series restart: their {} was {} and is now {}", name, *known, given);
  }
  return pins.pin(name, given, /*replace=*/true);
}

/// As it is given, by flag or environment; else empty.
std::string given_project(const ServeOptions& options, const Environment& environment) {
  return options.project.empty() ? value_of(environment, "GOOGLE_CLOUD_PROJECT") : options.project;
}

Result<MonitoringTarget> agreed_target(http::Client& http, const ServeOptions& options,
                                       const Environment& environment, PinnedSettings& pins) {
  auto project = agreed(pins, "monitoring project", given_project(options, environment),
                        [&] { return find_project(http, environment); });
  if (!project) return forward(project);
  auto location = agreed(pins, "monitoring location", options.location,
                         [&] { return find_location(http, environment); });
  if (!location) return forward(location);
  return MonitoringTarget{*std::move(project), *std::move(location), options.metric_prefix};
}

}  // namespace

Result<std::string> monitoring_project(http::Client& http, const ServeOptions& options,
                                       const Environment& environment) {
  std::string given = given_project(options, environment);
  if (!given.empty()) return given;
  return find_project(http, environment);
}

Result<std::unique_ptr<auth::TokenSource>> monitoring_tokens(http::Client& http,
                                                             const ServeOptions& options,
                                                             const Environment& environment) {
  auth::CredentialOptions credentials;
  credentials.environment = environment;
  return auth::make_token_source_for(options.monitoring_endpoint, http, credentials);
}

Result<CloudMonitoring> make_cloud_monitoring(http::Client& http, const ServeOptions& options,
                                              const Environment& environment,
                                              PinnedSettings& pins) {
  auto tokens = monitoring_tokens(http, options, environment);
  if (!tokens) return forward(tokens);
  auto target = agreed_target(http, options, environment, pins);
  if (!target) return forward(target);
  CloudMonitoringOptions monitoring;
  monitoring.endpoint = options.monitoring_endpoint;
  while (monitoring.endpoint.ends_with('/')) monitoring.endpoint.pop_back();
  monitoring.target = *std::move(target);
  SPDLOG_INFO("exporting to cloud monitoring project={} location={} prefix={} interval_s={}",
              monitoring.target.project, monitoring.target.location,
              monitoring.target.metric_prefix,
              std::chrono::duration<double>(options.export_interval).count());
  auto writer = std::make_unique<CloudMonitoringWriter>(http, **tokens, std::move(monitoring),
                                                        exported_descriptors());
  return CloudMonitoring{std::move(*tokens), std::move(writer)};
}

}  // namespace walpulse::monitor
