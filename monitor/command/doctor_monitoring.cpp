#include "monitor/command/doctor_monitoring.h"

#include <map>
#include <nlohmann/json.hpp>
#include <utility>

#include "decoder/base/json_dom.h"
#include "monitor/command/remedy_command.h"
#include "monitor/export/cloud_monitoring_request.h"
#include "monitor/ledger/counting/metric_descriptors.h"
#include "publisher/doctor/shell_command.h"
#include "publisher/http/api_error.h"
#include "publisher/http/json_member.h"
#include "publisher/http/url_encoding.h"

namespace walpulse::monitor {
namespace {

using Level = Check::Level;

constexpr const char* kMonitoringCheck = "monitoring";
constexpr std::chrono::seconds kTimeout{12};

/// "CUMULATIVE INT64" by type.
std::map<std::string, std::string> our_kinds(const ServeOptions& options) {
  MonitoringTarget target;
  target.metric_prefix = options.metric_prefix;
  std::map<std::string, std::string> kinds;
  for (const telemetry::Descriptor* descriptor : exported_descriptors()) {
    const auto json = parse_json(descriptor_body(*descriptor, target));
    kinds[http::text_at(json, "type")] =
        http::text_at(json, "metricKind") + " " + http::text_at(json, "valueType");
  }
  return kinds;
}

Check denied(const Error& error, const std::string& project) {
  return doctor::failed(kMonitoringCheck, error,
                        "gcloud projects add-iam-policy-binding " + project +
                            " --member serviceAccount:EMAIL --role roles/monitoring.metricWriter");
}

}  // namespace

Check check_descriptors(const std::string& answer, const ServeOptions& options,
                        const std::string& project) {
  const auto ours = our_kinds(options);
  const auto json = parse_json(answer);
  const auto list = json.is_object() ? json.value("metricDescriptors", nlohmann::json::array())
                                     : nlohmann::json::array();
  std::size_t known = 0;
  for (const auto& each : list) {
    if (!each.is_object()) continue;
    const std::string type = http::text_at(each, "type");
    const auto mine = ours.find(type);
    if (mine == ours.end()) continue;
    ++known;
    const std::string kind =
        http::text_at(each, "metricKind") + " " + http::text_at(each, "valueType");
    if (kind == mine->second) continue;
    Check check{kMonitoringCheck, Level::fail,
                type + " is " + kind + " in " + project + ", the monitor writes " + mine->second +
                    ": its points are refused. Under another prefix all metrics begin anew; else "
                    "the one that is there goes, with its points",
                doctor_command(options, {{"metric-prefix", options.metric_prefix + "2"}})};
    check.otherwise =
        "curl -X DELETE -H \"Authorization: Bearer $(gcloud auth print-access-token)\" " +
        doctor::shell_word(options.monitoring_endpoint + "/v3/projects/" + project +
                           "/metricDescriptors/" + type);
    return check;
  }
  return {kMonitoringCheck, Level::ok,
          std::to_string(known) + " of " + std::to_string(ours.size()) + " metrics are known in " +
              project + (known < ours.size() ? ", the first export makes the rest" : "")};
}

void check_monitoring(http::Client& http, auth::TokenSource& tokens, const ServeOptions& options,
                      const std::string& project, std::vector<Check>& checks) {
  std::string endpoint = options.monitoring_endpoint;
  while (endpoint.ends_with('/')) endpoint.pop_back();
  const std::string base = endpoint + "/v3/projects/" + project;

  http::Request list;
  list.method = http::Method::get;
  list.url = base + "/metricDescriptors?pageSize=1000&filter=" +
             http::percent_encoded("metric.type = starts_with(\"" + options.metric_prefix + "/\")");
  list.timeout = kTimeout;
  const auto listed = auth::send_authorized(http, tokens, std::move(list));
  const auto read =
      listed ? http::check(*listed, "listing the metrics of " + project) : forward(listed);
  if (!read) return checks.push_back(denied(read.error(), project));
  checks.push_back(check_descriptors(listed->body, options, project));

  http::Request write;
  write.url = base + "/timeSeries";
  write.headers = {"Content-Type: application/json"};
  write.body = R"({"timeSeries":[]})";
  write.timeout = kTimeout;
  const auto written = auth::send_authorized(http, tokens, std::move(write));
  if (written && written->status == 400) {
    return checks.push_back({kMonitoringCheck, Level::ok, "points may be written to " + project});
  }
  const auto said =
      written ? http::check(*written, "writing points to " + project) : forward(written);
  if (!said) checks.push_back(denied(said.error(), project));
}

}  // namespace walpulse::monitor
