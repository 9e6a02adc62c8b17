#include <nlohmann/json.hpp>

#include "decoder/base/json_dom.h"
#include "monitor/messages/message.h"

namespace walpulse::monitor::messages {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kContentBytesMax = std::size_t{4} << 20;

Json json_of(const Line& line) {
  Json spans = Json::array();
  for (const Span& span : line) {
    if (span.style == Span::Style::plain)
      spans.push_back(span.text);
    else
      spans.push_back({{span.style == Span::Style::strong ? "strong" : "code", span.text}});
  }
  return spans;
}

Json json_of(const MessagePart& part) {
  Json json = {{"sign", sign_of(part.mood)}, {"headline", json_of(part.headline)}};
  json["lines"] = Json::array();
  for (const Line& line : part.lines) json["lines"].push_back(json_of(line));
  json["links"] = Json::array();
  for (const Link& link : part.links) json["links"].push_back({link.text, link.url});
  return json;
}

Json json_of(const Told& told) {
  return {{"problem", told.problem},    {"over", told.over},
          {"kind", name_of(told.kind)}, {"severity", name_of(told.severity)},
          {"source", told.source},      {"subject", told.subject},
          {"incident", told.incident}};
}

/// Reads what the functions above write. nlohmann's exceptions say what is missing; they end in
/// message_from().
Line line_from(const nlohmann::json& spans) {
  Line line;
  line.reserve(spans.size());
  for (const auto& span : spans) {
    if (span.is_string())
      line.push_back({span.get<std::string>(), Span::Style::plain});
    else if (span.contains("strong"))
      line.push_back({span.at("strong").get<std::string>(), Span::Style::strong});
    else
      line.push_back({span.at("code").get<std::string>(), Span::Style::code});
  }
  return line;
}

/// Of what a newer version wrote, and this one does not know, the message is told all the same.
Mood mood_from(const std::string& sign) {
  for (const Mood mood : {Mood::red, Mood::green, Mood::clock, Mood::hourglass, Mood::wave})
    if (sign_of(mood) == sign) return mood;
  return Mood::warning;
}

Severity severity_from(const std::string& name) {
  for (const Severity severity : {Severity::page, Severity::record})
    if (name_of(severity) == name) return severity;
  return Severity::notify;
}

MessagePart part_from(const nlohmann::json& json) {
  MessagePart part;
  part.mood = mood_from(json.at("sign").get<std::string>());
  part.headline = line_from(json.at("headline"));
  for (const auto& line : json.at("lines")) part.lines.push_back(line_from(line));
  for (const auto& link : json.at("links"))
    part.links.push_back({link.at(0).get<std::string>(), link.at(1).get<std::string>()});
  return part;
}

Told told_from(const nlohmann::json& json) {
  Told told;
  told.problem = json.at("problem").get<std::int64_t>();
  told.over = json.at("over").get<bool>();
  told.kind = problem_kind(json.at("kind").get<std::string>()).value_or(ProblemKind::failing);
  told.severity = severity_from(json.at("severity").get<std::string>());
  told.source = json.at("source").get<std::string>();
  told.subject = json.at("subject").get<std::string>();
  told.incident = json.at("incident").get<std::string>();
  return told;
}

}  // namespace

std::string to_json(const Message& message) {
  Json json = {{"at", to_rfc3339(message.at)}};
  json["parts"] = Json::array();
  for (const MessagePart& part : message.parts) json["parts"].push_back(json_of(part));
  json["told"] = Json::array();
  for (const Told& told : message.told) json["told"].push_back(json_of(told));
  if (!message.thread.empty()) json["thread"] = message.thread;
  return dump_json(json);
}

Result<Message> message_from(std::string_view text) {
  if (text.size() > kContentBytesMax) return fail(ErrorKind::malformed, "not a message: too long");
  const nlohmann::json json = parse_json(text);
  Message message;
  try {
    message.at = parse_timestamp(json.at("at").get<std::string>()).value_or(Timestamp{});
    message.thread = json.value("thread", "");
    for (const auto& part : json.at("parts")) message.parts.push_back(part_from(part));
    for (const auto& told : json.at("told")) message.told.push_back(told_from(told));
  } catch (const nlohmann::json::exception&) {
    return fail(ErrorKind::malformed, "not a message of this version");
  }
  return message;
}

}  // namespace walpulse::monitor::messages
