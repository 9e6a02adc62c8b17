#include "monitor/notify/run_log.h"

#include <nlohmann/json.hpp>

#include "decoder/base/json_dom.h"
#include "decoder/mage/pipeline_run.h"
#include "monitor/ledger/application/happening_of.h"
#include "monitor/ledger/timeline/run_state.h"
#include "monitor/notify/mage_link.h"
#include "publisher/telemetry/log.h"
#include "publisher/telemetry/trace_context.h"

namespace walpulse::monitor {
namespace {

struct RunWords {
  const char* event;
  const char* severity;
  const char* message;
};

std::optional<RunWords> words_of(const std::string& status) {
  if (status == mage::kFailed)
    return RunWords{"pipeline_run_failed", "ERROR", "pipeline run failed"};
  if (status == kSlaMissed)
    return RunWords{"pipeline_run_sla_missed", "WARNING", "pipeline run missed its SLA"};
  if (status == kOrphaned)
    return RunWords{
        "pipeline_run_orphaned", "WARNING",
        "pipeline run is active and its trigger was deleted: Mage will never end it; cancel "
        "it with PUT /api/pipeline_runs/RUN_ID {\"pipeline_run\":{\"status\":\"cancelled\"}}"};
  return std::nullopt;
}

}  // namespace

std::optional<AlertLine> run_line(const Happening& happening, const std::string& source,
                                  const std::string& mage_url) {
  const auto words = words_of(happening.status);
  if (!words) return std::nullopt;
  const std::string run = std::to_string(happening.run);
  nlohmann::ordered_json fields;
  fields["event"] = words->event;
  fields["source"] = source;
  fields["at"] = to_rfc3339(happening.at);
  AlertLine line{words->severity, words->message, "", words->event};
  line.message += " run_id=" + run + " pipeline=" + happening.pipeline;
  line.group += ' ' + happening.pipeline;
  if (!happening.block.empty()) {
    line.message += " block=" + happening.block;
    fields["block"] = happening.block;
  }
  if (!happening.error.empty()) {
    line.message += " error=\"" + happening.error + '"';
    fields["error"] = happening.error;
  }
  fields["run_id"] = happening.run;
  fields["pipeline"] = happening.pipeline;
  telemetry::Labels labels = happening.labels;
  labels["pipeline"] = happening.pipeline;
  if (!happening.made_by.empty()) labels["trigger"] = happening.made_by;
  fields["labels"] = labels;
  fields["nth"] = happening.nth;
  if (happening.seconds) fields["duration_s"] = *happening.seconds;
  if (!mage_url.empty()) fields["link"] = run_link(mage_url, happening.pipeline, run);
  // Labels may hold any bytes.
  line.fields = dump_json_members(fields);
  return line;
}

void log_run(const Happening& happening, const std::string& source, const std::string& mage_url) {
  const auto line = run_line(happening, source, mage_url);
  if (!line) return;
  const telemetry::TraceScope trace(happening.traceparent);
  telemetry::log_structured(line->severity, line->message, line->fields, line->group);
}

}  // namespace walpulse::monitor
