#include "monitor/notify/alert_log.h"

#include <array>
#include <nlohmann/json.hpp>

#include "decoder/base/json_dom.h"
#include "monitor/notify/mage_link.h"
#include "publisher/telemetry/log.h"
#include "publisher/telemetry/trace_context.h"

namespace walpulse::monitor {
namespace {

/// What is said of a kind. `of_a_run` is false where it concerns a whole source.
struct Words {
  const char* event;
  const char* severity;
  const char* message;
  bool of_a_run = true;
};

Words words_of(RunAlert::Kind kind) {
  switch (kind) {
    case RunAlert::Kind::failed:
      return {"pipeline_run_failed", "ERROR", "pipeline run failed"};
    case RunAlert::Kind::sla_missed:
      return {"pipeline_run_sla_missed", "WARNING", "pipeline run missed its SLA"};
    case RunAlert::Kind::orphaned:
      return {
          "pipeline_run_orphaned", "WARNING",
          "pipeline run is active and its trigger was deleted: Mage will never end it; cancel "
          "it with PUT /api/pipeline_runs/RUN_ID {\"pipeline_run\":{\"status\":\"cancelled\"}}"};
    case RunAlert::Kind::conflict:
      return {"conflict", "ERROR",
              "events conflict with what the ledger knows: the database was restored and its epoch "
              "not raised; run walpulse-connector recover (or two databases were set up under one "
              "name in one second: walpulse-connector teardown one, then setup --name OTHER)",
              false};
    case RunAlert::Kind::name_taken:
      return {
          "name_taken", "ERROR",
          "two histories have one name, and the second is refused: give one of the two sources "
          "another name (walpulse-connector teardown, then setup --name OTHER), or take it in with "
          "`walpulse-monitor sources accept NAME EPOCH`",
          false};
    case RunAlert::Kind::late_event:
      return {"late_event", "WARNING",
              "an event came that is older than what was known to be delivered; it was counted: "
              "was the server restored to an older state?",
              false};
  }
  return {};
}

}  // namespace

AlertLine alert_line(const RunAlert& alert, const std::string& mage_url) {
  const auto found = alert.labels.find("pipeline");
  const std::string pipeline = found == alert.labels.end() ? "" : found->second;
  nlohmann::ordered_json fields;
  const Words words = words_of(alert.kind);
  fields["event"] = words.event;
  fields["source"] = alert.source;
  fields["at"] = to_rfc3339(alert.at);
  AlertLine line{words.severity, words.message, "", words.event};
  if (!words.of_a_run) {
    line.message += " source=" + alert.source;
    if (alert.epoch != 0) {
      line.message += " epoch=" + std::to_string(alert.epoch);
      fields["epoch"] = alert.epoch;
    }
    line.group += ' ' + alert.source;
  } else {
    line.message += " run_id=" + std::to_string(alert.run_id) + " pipeline=" + pipeline;
    line.group += ' ' + pipeline;
    if (!alert.block.empty()) {
      line.message += " block=" + alert.block;
      fields["block"] = alert.block;
    }
    if (!alert.error.empty()) {
      line.message += " error=\"" + alert.error + '"';
      fields["error"] = alert.error;
    }
    fields["run_id"] = alert.run_id;
    fields["pipeline"] = pipeline;
    fields["labels"] = alert.labels;
    if (alert.duration_seconds >= 0) fields["duration_s"] = alert.duration_seconds;
    if (!mage_url.empty())
      fields["link"] = run_link(mage_url, pipeline, std::to_string(alert.run_id));
  }
  // Labels may hold any bytes.
  const std::string object = dump_json(fields);
  line.fields = object.substr(1, object.size() - 2);
  return line;
}

void log_alert(const RunAlert& alert, const std::string& mage_url) {
  const AlertLine line = alert_line(alert, mage_url);
  const telemetry::TraceScope trace(alert.traceparent);
  telemetry::log_structured(line.severity, line.message, line.fields, line.group);
}

}  // namespace walpulse::monitor
