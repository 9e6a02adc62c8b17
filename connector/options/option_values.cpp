#include "connector/options/option_values.h"

#include <algorithm>
#include <charconv>

namespace walpulse::connector {
namespace {

bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

}  // namespace

Result<std::int64_t> parse_id(std::string_view text) {
  std::int64_t id = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), id);
  if (error != std::errc{} || end != text.data() + text.size()) {
    return fail(ErrorKind::malformed, "'" + std::string(text) + "' is no id: a whole number");
  }
  return id;
}

Result<LabelOption> parse_label(std::string_view text) {
  const auto bad = [&] {
    return fail(ErrorKind::malformed,
                "'" + std::string(text) + "' is not NAME=COLUMN.KEY (further keys after dots)");
  };
  const auto equals = text.find('=');
  if (equals == std::string_view::npos || equals == 0) return bad();
  LabelOption label;
  label.name = text.substr(0, equals);
  std::string_view rest = text.substr(equals + 1);
  while (true) {
    const auto dot = rest.find('.');
    const auto part = rest.substr(0, dot);
    if (part.empty()) return bad();
    if (label.column.empty()) {
      label.column = part;
    } else {
      label.path.emplace_back(part);
    }
    if (dot == std::string_view::npos) break;
    rest.remove_prefix(dot + 1);
  }
  if (label.path.empty()) return bad();
  return label;
}

bool is_source_name(std::string_view name) {
  constexpr std::string_view kRefused = "/%?#\"<>\\^`{|}\x7f";
  return !name.empty() && name.size() <= 128 && std::all_of(name.begin(), name.end(), [&](char c) {
    return static_cast<unsigned char>(c) > ' ' && kRefused.find(c) == std::string_view::npos;
  });
}

bool is_slot_name(std::string_view name) {
  return !name.empty() && name.size() <= kSlotNameMax &&
         std::all_of(name.begin(), name.end(),
                     [](char c) { return is_lower(c) || is_digit(c) || c == '_'; });
}

}  // namespace walpulse::connector
