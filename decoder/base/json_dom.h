#pragma once

#include <cstddef>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>

/// JSON as a tree, for what is read and written rarely. Events have JsonCursor and JsonWriter.
namespace walpulse {

/// is_discarded() where `text` is no JSON; never throws for what it says.
nlohmann::json parse_json(std::string_view text);

/// Where `text` stops being JSON, in bytes from its beginning; nothing where it is JSON.
std::optional<std::size_t> json_broken_at(std::string_view text);

/// On one line. Bytes that are no UTF-8 become U+FFFD.
std::string dump_json(const nlohmann::json& value);
std::string dump_json(const nlohmann::ordered_json& value);

/// The members of an object without its braces, likewise: what goes into another object's text.
std::string dump_json_members(const nlohmann::ordered_json& object);

}  // namespace walpulse
