#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace walpulse::decoder {

inline constexpr std::size_t kLabelBytesMax = 256;

/// The scalar at `path` in the text of a json or jsonb column, cut at 256 bytes between characters:
/// strings as they are, numbers and booleans as their JSON text. Nothing where there is no such
/// key, where the value is null, an object or an array, or where the text is no JSON in UTF-8. Of
/// keys that occur twice the last counts, as in jsonb. `scratch` is memory to be used again.
std::optional<std::string> label_value(std::string_view json, const std::vector<std::string>& path,
                                       std::string& scratch);

}  // namespace walpulse::decoder
