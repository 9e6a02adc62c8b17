#include "publisher/config/values.h"

#include <charconv>
#include <optional>
#include <sstream>
#include <utility>

namespace walpulse::config {
namespace {

struct Quantity {
  std::uint64_t number = 0;
  std::string_view unit;  ///< What follows the number.
};

std::optional<Quantity> split_unit(std::string_view text) {
  Quantity quantity;
  const char* const last = text.data() + text.size();
  const auto [end, error] = std::from_chars(text.data(), last, quantity.number);
  if (error != std::errc{}) return std::nullopt;
  quantity.unit = text.substr(static_cast<std::size_t>(end - text.data()));
  return quantity;
}

tl::unexpected<Error> refuse(std::string_view text, const std::string& why) {
  return fail(ErrorKind::malformed, "'" + std::string(text) + "' " + why);
}

Result<std::chrono::milliseconds> in_milliseconds(std::string_view text, std::uint64_t number,
                                                  std::uint64_t unit) {
  if (number > static_cast<std::uint64_t>(kDurationMax.count()) / unit) {
    return refuse(text, "is longer than any time: at most 1000000000h");
  }
  return std::chrono::milliseconds(static_cast<std::int64_t>(number * unit));
}

}  // namespace

Result<std::chrono::milliseconds> parse_duration(std::string_view text) {
  const auto quantity = split_unit(text);
  if (!quantity) return refuse(text, "is not a time: a number with its unit (ms, s, m, h or d)");
  if (quantity->unit.empty()) {
    if (quantity->number == 0) return std::chrono::milliseconds(0);
    return refuse(text, "lacks a unit (ms, s, m, h or d)");
  }
  constexpr std::pair<std::string_view, std::uint64_t> kUnits[] = {
      {"ms", 1}, {"s", 1'000}, {"m", 60'000}, {"h", 3'600'000}, {"d", 86'400'000}};
  for (const auto& [name, milliseconds] : kUnits) {
    if (quantity->unit == name) return in_milliseconds(text, quantity->number, milliseconds);
  }
  return refuse(text, "has no unit of time (ms, s, m, h or d)");
}

Result<std::size_t> parse_bytes(std::string_view text) {
  const auto quantity = split_unit(text);
  if (!quantity) return refuse(text, "is not a size: a number of bytes, KiB, MiB or GiB");
  constexpr std::pair<std::string_view, unsigned> kUnits[] = {
      {"", 0}, {"KiB", 10}, {"MiB", 20}, {"GiB", 30}};
  for (const auto& [name, shift] : kUnits) {
    if (quantity->unit != name) continue;
    if (quantity->number > (std::uint64_t{1} << 62 >> shift)) return refuse(text, "is too much");
    return quantity->number << shift;
  }
  return refuse(text, "is not bytes, KiB, MiB or GiB");
}

Result<std::uint64_t> parse_number(std::string_view text, std::uint64_t max) {
  const auto quantity = split_unit(text);
  if (!quantity || !quantity->unit.empty() || quantity->number > max) {
    return refuse(text, "is not a number from 0 to " + std::to_string(max));
  }
  return quantity->number;
}

Result<bool> parse_switch(std::string_view text) {
  if (text != "true" && text != "false") return refuse(text, "is neither true nor false");
  return text == "true";
}

std::vector<std::string> split_list(const std::string& text) {
  std::vector<std::string> items;
  std::istringstream in(text);
  for (std::string item; std::getline(in, item, ',');) items.push_back(item);
  return items;
}

}  // namespace walpulse::config
