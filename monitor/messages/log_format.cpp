#include <algorithm>
#include <nlohmann/json.hpp>

#include "decoder/base/json_dom.h"
#include "monitor/messages/formats.h"

namespace walpulse::monitor::messages {
namespace {

using Json = nlohmann::ordered_json;

/// Whoever is alerted by a line's severity is alerted of what is open.
const char* log_severity(const Message& message, const MessagePart& part) {
  if (part.mood == Mood::green) return "INFO";
  const bool wakes = std::ranges::any_of(
      message.told, [](const Told& told) { return !told.over && told.severity == Severity::page; });
  return wakes ? "ERROR" : "WARNING";
}

}  // namespace

std::vector<LogLine> log_lines(const Message& message) {
  std::vector<LogLine> lines;
  lines.reserve(message.parts.size());
  for (const MessagePart& part : message.parts) {
    LogLine line;
    line.severity = log_severity(message, part);
    line.message = plain_text(part.headline);
    Json fields = {{"event", "told"}, {"sign", sign_of(part.mood)}, {"lines", Json::array()}};
    for (const Line& each : part.lines) fields["lines"].push_back(plain_text(each));
    // Which problems the parts are of is known of the message as a whole.
    fields["problems"] = Json::array();
    for (const Told& told : message.told) fields["problems"].push_back(told.problem);
    for (const Link& link : part.links)
      if (!fields.contains("link")) fields["link"] = link.url;
    line.fields = dump_json_members(fields);
    line.group = "told " + cleaned(line.message, 60);
    lines.push_back(std::move(line));
  }
  return lines;
}

}  // namespace walpulse::monitor::messages
