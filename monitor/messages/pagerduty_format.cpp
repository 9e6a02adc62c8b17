#include <nlohmann/json.hpp>

#include "decoder/base/json_dom.h"
#include "monitor/messages/formats.h"

namespace walpulse::monitor::messages {
namespace {

using Json = nlohmann::ordered_json;

/// PagerDuty's limit of a summary
/// (https://developer.pagerduty.com/docs/send-alert-event).
constexpr std::size_t kSummaryLengthMax = 1'024;

std::string_view severity_word(Severity severity) {
  switch (severity) {
    case Severity::page:
      return "critical";
    case Severity::notify:
      return "warning";
    case Severity::record:
      return "info";
  }
  return "warning";
}

std::string summary_of(const Message& message, const Told& told) {
  // Of one problem the headline says it better.
  if (message.told.size() == 1) return cleaned(headline_of(message), kSummaryLengthMax - 3);
  const std::string title(title_of(told.kind));
  return told.subject.empty() ? title : cleaned(told.subject + ": " + title, kSummaryLengthMax - 3);
}

}  // namespace

std::vector<std::string> pagerduty_events(const Message& message, std::string_view routing_key) {
  std::vector<std::string> events;
  events.reserve(message.told.size());
  for (const Told& told : message.told) {
    Json event = {{"routing_key", routing_key},
                  {"event_action", told.over ? "resolve" : "trigger"},
                  {"dedup_key", told.incident}};
    if (!told.over) {
      Json details = Json::array();
      for (const MessagePart& part : message.parts)
        for (const Line& line : part.lines)
          if (message.told.size() == 1) details.push_back(plain_text(line));
      event["payload"] = {{"summary", summary_of(message, told)},
                          {"source", told.source.empty() ? "walpulse" : told.source},
                          {"severity", severity_word(told.severity)},
                          {"class", name_of(told.kind)}};
      if (!told.subject.empty()) event["payload"]["component"] = told.subject;
      if (!details.empty()) event["payload"]["custom_details"] = {{"lines", std::move(details)}};
      event["client"] = "walpulse";
      event["links"] = Json::array();
      for (const MessagePart& part : message.parts)
        for (const Link& link : part.links)
          if (message.told.size() == 1)
            event["links"].push_back({{"href", link.url}, {"text", link.text}});
    }
    events.push_back(dump_json(event));
  }
  return events;
}

}  // namespace walpulse::monitor::messages
