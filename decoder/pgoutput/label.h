#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace walpulse::decoder {

inline constexpr std::size_t kLabelBytesMax = 256;

struct LabelReading {
  std::optional<std::string> value;
  /// The value itself, or the text from some place on, cannot be read. What was read before stays.
  bool faulty = false;
};

inline constexpr std::size_t kErrorCharactersMax = 300;

/// The scalar at `path` in the text of a json or jsonb column, cut at 256 bytes between characters:
/// strings as they are, numbers and booleans as their JSON text. No value where there is no such
/// key, or where it is null, an object or an array; what stands beside it does not matter. Of keys
/// that occur twice the last counts, as in jsonb. `scratch` is memory to be used again.
LabelReading read_label(std::string_view json, const std::vector<std::string>& path,
                        std::string& scratch);

/// The first line that is not blank of the scalar at `path`, without the blanks around it, cut at
/// 300 characters. No value where the label would have none, or where nothing is left.
LabelReading read_first_line(std::string_view json, const std::vector<std::string>& path,
                             std::string& scratch);

}  // namespace walpulse::decoder
