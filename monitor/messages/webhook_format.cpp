#include <nlohmann/json.hpp>

#include "decoder/base/json_dom.h"
#include "monitor/messages/formats.h"

namespace walpulse::monitor::messages {

std::string webhook_body(const Message& message) {
  using Json = nlohmann::ordered_json;
  Json data = {{"text", headline_of(message)}, {"parts", Json::array()}};
  for (const MessagePart& part : message.parts) {
    Json json = {{"sign", sign_of(part.mood)},
                 {"headline", plain_text(part.headline)},
                 {"lines", Json::array()},
                 {"links", Json::array()}};
    for (const Line& line : part.lines) json["lines"].push_back(plain_text(line));
    for (const Link& link : part.links)
      json["links"].push_back({{"text", link.text}, {"url", link.url}});
    data["parts"].push_back(std::move(json));
  }
  data["problems"] = Json::array();
  for (const Told& told : message.told) {
    Json json = {{"id", told.problem},
                 {"state", told.over ? "closed" : "open"},
                 {"kind", name_of(told.kind)},
                 {"severity", name_of(told.severity)},
                 {"incident", told.incident}};
    if (!told.source.empty()) json["source"] = told.source;
    if (!told.subject.empty()) json["subject"] = told.subject;
    data["problems"].push_back(std::move(json));
  }
  return dump_json(Json{{"type", "walpulse.problems"},
                        {"timestamp", to_rfc3339(message.at)},
                        {"data", std::move(data)}});
}

}  // namespace walpulse::monitor::messages
