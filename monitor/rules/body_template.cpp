#include "monitor/rules/body_template.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "decoder/base/json_dom.h"
#include "decoder/base/overloaded.h"
#include "monitor/rules/mistake.h"
#include "monitor/rules/placeholders.h"

namespace walpulse::rules {
namespace {

/// What is wrong with it as a template; its names are appended.
std::optional<std::string> trouble_in(const nlohmann::json& json, int depth,
                                      std::vector<std::string>& names) {
  if (json.is_string()) {
    const auto pieces = pieces_of(json.get_ref<const std::string&>());
    if (!pieces) return pieces.error().message;
    for (const auto& [text, is_name] : *pieces) {
      if (is_name && std::ranges::count(names, text) == 0) names.push_back(text);
    }
  }
  if (!json.is_structured()) return std::nullopt;
  if (depth == BodyTemplate::kDepthMax) return "is nested deeper than 32";
  for (const auto& [key, value] : json.items()) {
    if (json.is_object() && key.find('{') != std::string::npos) {
      return "the name " + in_quotes(key) + " has a {: placeholders stand in values";
    }
    if (auto trouble = trouble_in(value, depth + 1, names)) return trouble;
  }
  return std::nullopt;
}

nlohmann::json json_of(const BodyValue& value) {
  return std::visit(Overloaded{[](std::monostate) { return nlohmann::json(); },
                               [](const auto& given) { return nlohmann::json(given); }},
                    value);
}

std::string text_of(const BodyValue& value) {
  if (std::holds_alternative<std::monostate>(value)) return "";
  if (const auto* text = std::get_if<std::string>(&value)) return *text;
  return dump_json(json_of(value));
}

void fill(nlohmann::json& json, const BodyValues& values) {
  if (json.is_structured()) {
    for (auto& child : json) fill(child, values);
  }
  if (!json.is_string()) return;
  const auto pieces = pieces_of(json.get_ref<const std::string&>());
  const auto value_of = [&](const TextPiece& piece) {
    const auto found = values.find(piece.text);
    return found == values.end() ? BodyValue() : found->second;
  };
  if (!pieces || pieces->empty()) return;
  if (pieces->size() == 1 && pieces->front().is_name) {
    json = json_of(value_of(pieces->front()));
    return;
  }
  std::string text;
  for (const TextPiece& piece : *pieces)
    text += piece.is_name ? text_of(value_of(piece)) : piece.text;
  json = text;
}

}  // namespace

tl::expected<BodyTemplate, BodyTemplate::Fault> BodyTemplate::read(std::string_view text) {
  if (text.size() > kBytesMax) return tl::unexpected(Fault{1, "is longer than 64 KiB"});
  if (const auto broken = json_broken_at(text)) {
    const auto lines = std::ranges::count(text.substr(0, *broken), '\n');
    return tl::unexpected(Fault{static_cast<int>(lines) + 1, "is not JSON"});
  }
  const nlohmann::json json = parse_json(text);
  BodyTemplate body;
  if (auto trouble = trouble_in(json, 0, body.names_)) {
    return tl::unexpected(Fault{1, *std::move(trouble)});
  }
  body.json_ = dump_json(json);
  return body;
}

std::string BodyTemplate::render(const BodyValues& values) const {
  nlohmann::json json = parse_json(json_);
  fill(json, values);
  return dump_json(json);
}

}  // namespace walpulse::rules
