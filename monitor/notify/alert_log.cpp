#include "monitor/notify/alert_log.h"

#include <nlohmann/json.hpp>

#include "decoder/base/json_dom.h"
#include "publisher/telemetry/log.h"
#include "publisher/telemetry/trace_context.h"

namespace walpulse::monitor {
namespace {

struct AlertWords {
  const char* event;
  const char* severity;
  const char* message;
};

AlertWords words_of(SourceAlert::Kind kind) {
  switch (kind) {
    case SourceAlert::Kind::conflict:
      return {"conflict", "ERROR",
              "events conflict with what the ledger knows: the database was restored and its epoch "
              "not raised; run walpulse-connector recover (or two databases were set up under one "
              "name in one second: walpulse-connector teardown one, then setup --name OTHER)"};
    case SourceAlert::Kind::name_taken:
      return {
          "name_taken", "ERROR",
          "two histories have one name, and the second is refused: give one of the two sources "
          "another name (walpulse-connector teardown, then setup --name OTHER), or take it in with "
          "`walpulse-monitor sources accept NAME EPOCH`"};
    case SourceAlert::Kind::late_event:
      return {"late_event", "WARNING",
              "an event came that is older than what was known to be delivered; it was counted: "
              "was the server restored to an older state?"};
  }
  return {};
}

}  // namespace

AlertLine alert_line(const SourceAlert& alert) {
  const AlertWords words = words_of(alert.kind);
  nlohmann::ordered_json fields;
  fields["event"] = words.event;
  fields["source"] = alert.source;
  fields["at"] = to_rfc3339(alert.at);
  AlertLine line{words.severity, words.message, "", words.event};
  line.message += " source=" + alert.source;
  if (alert.epoch != 0) {
    line.message += " epoch=" + std::to_string(alert.epoch);
    fields["epoch"] = alert.epoch;
  }
  line.group += ' ' + alert.source;
  line.fields = dump_json_members(fields);
  return line;
}

void log_alert(const SourceAlert& alert) {
  const AlertLine line = alert_line(alert);
  const telemetry::TraceScope trace(alert.traceparent);
  telemetry::log_structured(line.severity, line.message, line.fields, line.group);
}

}  // namespace walpulse::monitor
