#include <nlohmann/json.hpp>

#include "decoder/base/json_dom.h"
#include "monitor/messages/formats.h"

namespace walpulse::monitor::messages {

std::string webhook_body(const Message& message) {
  nlohmann::ordered_json data = {{"text", headline_of(message)},
                                 {"parts", nlohmann::ordered_json::array()}};
  for (const MessagePart& part : message.parts) {
    nlohmann::ordered_json json = {{"sign", sign_of(part.mood)},
                                   {"headline", plain_text(part.headline)},
                                   {"lines", nlohmann::ordered_json::array()},
                                   {"links", nlohmann::ordered_json::array()}};
    for (const Line& line : part.lines) json["lines"].push_back(plain_text(line));
    for (const Link& link : part.links)
      json["links"].push_back({{"text", link.text}, {"url", link.url}});
    data["parts"].push_back(std::move(json));
  }
  data["problems"] = nlohmann::ordered_json::array();
  for (const Told& told : message.told) {
    nlohmann::ordered_json json = {{"id", told.problem},
                                   {"state", told.over ? "closed" : "open"},
                                   {"kind", name_of(told.kind)},
                                   {"severity", name_of(told.severity)},
                                   {"incident", told.incident}};
    if (!told.source.empty()) json["source"] = told.source;
    if (!told.subject.empty()) json["subject"] = told.subject;
    data["problems"].push_back(std::move(json));
  }
  return dump_json(nlohmann::ordered_json{{"type", "walpulse.problems"},
                                          {"timestamp", to_rfc3339(message.at)},
                                          {"data", std::move(data)}});
}

}  // namespace walpulse::monitor::messages
