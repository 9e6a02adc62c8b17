#include "connector/options/option_values.h"

#include <algorithm>
#include <charconv>
#include <utility>

namespace walpulse::connector {
namespace {

bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// A number and what follows it.
Result<std::pair<std::uint64_t, std::string_view>> split_unit(std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || number > (1ull << 40)) {
    return fail(ErrorKind::malformed, "'" + std::string(text) + "' is not a number with a unit");
  }
  return std::pair(number, text.substr(static_cast<std::size_t>(end - text.data())));
}

}  // namespace

std::string anchor_slot(const SourceOptions& source) { return source.slot + kAnchorSuffix; }

Result<std::chrono::milliseconds> parse_duration(std::string_view text) {
  auto parts = split_unit(text);
  if (!parts) return tl::unexpected<Error>(parts.error());
  const auto [number, unit] = *parts;
  constexpr std::pair<std::string_view, int> kUnits[] = {
      {"ms", 1}, {"s", 1'000}, {"m", 60'000}, {"h", 3'600'000}};
  for (const auto& [name, milliseconds] : kUnits) {
    if (unit == name) {
      return std::chrono::milliseconds(static_cast<std::int64_t>(number) * milliseconds);
    }
  }
  return fail(ErrorKind::malformed, "'" + std::string(text) + "' lacks a unit (ms, s, m or h)");
}

Result<std::size_t> parse_bytes(std::string_view text) {
  auto parts = split_unit(text);
  if (!parts) return tl::unexpected<Error>(parts.error());
  const auto [number, unit] = *parts;
  constexpr std::pair<std::string_view, unsigned> kUnits[] = {
      {"", 0}, {"KiB", 10}, {"MiB", 20}, {"GiB", 30}};
  for (const auto& [name, shift] : kUnits) {
    if (unit == name && number <= (std::uint64_t{1} << 62 >> shift)) return number << shift;
  }
  return fail(ErrorKind::malformed, "'" + std::string(text) + "' is not bytes, KiB, MiB or GiB");
}

Result<std::uint64_t> parse_number(std::string_view text, std::uint64_t max) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size() || number > max) {
    return fail(ErrorKind::malformed,
                "'" + std::string(text) + "' is not a number from 0 to " + std::to_string(max));
  }
  return number;
}

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

bool is_label_name(std::string_view name) {
  const auto head = [](char c) { return is_lower(c) || is_upper(c) || c == '_'; };
  return !name.empty() && head(name.front()) &&
         std::all_of(name.begin(), name.end(), [&](char c) { return head(c) || is_digit(c); });
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
