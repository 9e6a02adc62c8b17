#include "monitor/command/descriptors.h"

#include <chrono>
#include <cstdio>
#include <optional>
#include <utility>

#include "monitor/export/cloud_monitoring_request.h"
#include "monitor/export/monitoring_setup.h"
#include "monitor/ledger/counting/metric_descriptors.h"
#include "publisher/http/api_error.h"

namespace walpulse::monitor {
namespace {

/// Google's own clients give the call 12 s.
constexpr std::chrono::milliseconds kCallTimeout{12'000};

/// What is denied here is granted by a role, unless the error says what else mends it.
std::string remedy(const Error& error, const std::string& project) {
  if (error.kind != ErrorKind::denied || !error.remedy.empty()) return error.remedy;
  return "roles/monitoring.metricWriter may do it: gcloud projects add-iam-policy-binding " +
         project + " --member=... --role=roles/monitoring.metricWriter";
}

}  // namespace

Result<void> create_descriptors(http::Client& http, const ServeOptions& options,
                                const Environment& environment,
                                const std::function<void(const std::string&)>& say) {
  const auto project = monitoring_project(http, options, environment);
  if (!project) return forward(project);
  const auto tokens = monitoring_tokens(http, options, environment);
  if (!tokens) return forward(tokens);
  std::string endpoint = options.monitoring_endpoint;
  while (endpoint.ends_with('/')) endpoint.pop_back();
  MonitoringTarget target;
  target.project = *project;
  target.metric_prefix = options.metric_prefix;

  std::optional<Error> first;
  for (const telemetry::Descriptor* descriptor : exported_descriptors()) {
    const std::string body = descriptor_body(*descriptor, target);
    const std::string type = target.metric_prefix + "/" + std::string(descriptor->name);
    http::Request request;
    request.url = endpoint + "/v3/projects/" + *project + "/metricDescriptors";
    request.headers = {"Content-Type: application/json"};
    request.body = body;
    request.timeout = kCallTimeout;
    const auto response = auth::send_authorized(http, **tokens, std::move(request));
    const auto made = response ? http::check(*response, "creating " + type) : forward(response);
    if (made) {
      say(type);
    } else if (!first) {
      first = made.error();
      first->remedy = remedy(*first, *project);
      const bool away =
          first->kind == ErrorKind::unavailable || first->kind == ErrorKind::timed_out;
      if (away) break;  // the next ones would wait as long
    }
  }
  if (first) return tl::unexpected<Error>(*std::move(first));
  return {};
}

int descriptors(const ServeOptions& options, const Environment& environment) {
  if (!options.create) {
    MonitoringTarget target;
    target.metric_prefix = options.metric_prefix;
    for (const telemetry::Descriptor* descriptor : exported_descriptors()) {
      std::printf("%s\n", descriptor_body(*descriptor, target).c_str());
    }
    return 0;
  }
  const auto http = http::make_client();
  const auto made = create_descriptors(*http, options, environment, [](const std::string& type) {
    std::printf("made     %s\n", type.c_str());
  });
  if (made) return 0;
  std::fprintf(stderr, "walpulse-monitor: %s\n", to_string(made.error()).c_str());
  return 1;
}

}  // namespace walpulse::monitor
