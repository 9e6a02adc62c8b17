#include "decoder/base/json_dom.h"

#include <nlohmann/json.hpp>

namespace walpulse {
namespace {

template <typename Json>
std::string dump(const Json& value) {
  return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace

nlohmann::json parse_json(std::string_view text) {
  return nlohmann::json::parse(text, nullptr, false);
}

std::optional<std::size_t> json_broken_at(std::string_view text) {
  try {
    const auto read = nlohmann::json::parse(text);
    return std::nullopt;
  } catch (const nlohmann::json::parse_error& error) {
    return error.byte > 0 ? error.byte - 1 : 0;
  } catch (const nlohmann::json::exception&) {
    return 0;  // a number that no double holds
  }
}

std::string dump_json(const nlohmann::json& value) { return dump(value); }

std::string dump_json(const nlohmann::ordered_json& value) { return dump(value); }

std::string dump_json_members(const nlohmann::ordered_json& object) {
  const std::string text = dump(object);
  return text.substr(1, text.size() - 2);
}

}  // namespace walpulse
