#pragma once

#include <optional>
#include <ostream>
#include <string_view>

#include "decoder/base/timestamp.h"

namespace walpulse {

/// "2026-11-28 12:00", with seconds where they are wanted: an instant of UTC.
inline Timestamp utc(std::string_view text) {
  return parse_timestamp(std::string(text) + (text.size() == 16 ? ":00+00" : "+00")).value();
}

/// The same back, with seconds where there are some.
inline std::string shown(Timestamp instant) {
  std::string text = to_rfc3339(instant);
  if (text.size() < 27) return text;
  text[10] = ' ';
  return text.substr(0, text.substr(16, 10) == ":00.000000" ? 16 : 19);
}

inline std::string shown(std::optional<Timestamp> instant) {
  return instant ? shown(*instant) : "none";
}

}  // namespace walpulse
