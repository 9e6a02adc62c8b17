#include "monitor/notice_log.h"

#include <array>
#include <nlohmann/json.hpp>

#include "decoder/schema/json_dom.h"
#include "publisher/gcp/form.h"
#include "publisher/gcp/log.h"
#include "publisher/gcp/trace_context.h"

namespace walpulse::monitor {
namespace {

std::string link(const std::string& mage_url, const std::string& pipeline, std::int64_t run_id) {
  std::string base = mage_url;
  while (base.ends_with('/')) base.pop_back();
  return base + "/pipelines/" + gcp::percent_encoded(pipeline) + "/runs/" + std::to_string(run_id);
}

std::string what_happened(Notice::Kind kind) {
  switch (kind) {
    case Notice::Kind::failed:
      return "pipeline run failed";
    case Notice::Kind::sla_missed:
      return "pipeline run missed its SLA";
    case Notice::Kind::conflict:
      return "events conflict with what the ledger knows: the database was restored and its epoch "
             "not raised; run walpulse-connector recover";
  }
  return {};
}

}  // namespace

NoticeLine notice_line(const Notice& notice, const std::string& mage_url) {
  const auto found = notice.labels.find("pipeline");
  const std::string pipeline = found == notice.labels.end() ? "" : found->second;
  nlohmann::ordered_json fields;
  fields["event"] = notice.kind == Notice::Kind::failed       ? "pipeline_run_failed"
                    : notice.kind == Notice::Kind::sla_missed ? "pipeline_run_sla_missed"
                                                              : "conflict";
  fields["source"] = notice.source;
  fields["at"] = to_rfc3339(notice.at);
  NoticeLine line{notice.kind == Notice::Kind::sla_missed ? "WARNING" : "ERROR",
                  what_happened(notice.kind), "", fields["event"].get<std::string>()};
  if (notice.kind == Notice::Kind::conflict) {
    line.message += " source=" + notice.source;
    line.group += ' ' + notice.source;
  } else {
    line.message += " run_id=" + std::to_string(notice.run_id) + " pipeline=" + pipeline;
    line.group += ' ' + pipeline;
    fields["run_id"] = notice.run_id;
    fields["pipeline"] = pipeline;
    fields["labels"] = notice.labels;
    if (notice.duration_seconds >= 0) fields["duration_s"] = notice.duration_seconds;
    if (!mage_url.empty()) fields["link"] = link(mage_url, pipeline, notice.run_id);
  }
  // Labels may hold any bytes.
  const std::string object = schema::dump_json(fields);
  line.fields = object.substr(1, object.size() - 2);
  return line;
}

void log_notice(const Notice& notice, const std::string& mage_url) {
  const NoticeLine line = notice_line(notice, mage_url);
  const gcp::TraceScope trace(notice.traceparent);
  gcp::log_structured(line.severity, line.message, line.fields, line.group);
}

}  // namespace walpulse::monitor
