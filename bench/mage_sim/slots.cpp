#include "bench/mage_sim/slots.h"

#include <array>
#include <charconv>
#include <chrono>
#include <optional>
#include <string_view>

namespace walpulse::mage_sim {
namespace {

using Minutes = std::chrono::sys_time<std::chrono::minutes>;

constexpr std::int64_t kSlotMs = 60'000;
constexpr int kMinutesMax = 366 * 24 * 60;  // How far a slot is looked for.
constexpr std::array<unsigned, 5> kGreatest{59, 23, 31, 12, 6};

/// Of each field, the bits of its numbers.
using Cron = std::array<std::uint64_t, kGreatest.size()>;

std::optional<unsigned> number(std::string_view text) {
  unsigned value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

/// What stands before `separator`, which leaves `text` with what stands behind it.
std::string_view take(std::string_view& text, char separator) {
  const auto end = text.find(separator);
  const auto part = text.substr(0, end);
  text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
  return part;
}

/// "*", "5", "1-5", "*/15" or "1-9/2".
std::optional<std::uint64_t> bits_of(std::string_view part, unsigned greatest) {
  const auto range = take(part, '/');
  const auto step = part.empty() ? 1 : number(part);
  auto bounds = range;
  std::optional<unsigned> first = 0;
  std::optional<unsigned> last = greatest;
  if (range != "*") {
    first = number(take(bounds, '-'));
    last = bounds.empty() ? first : number(bounds);
  }
  if (!step || *step == 0 || !first || !last || *last > greatest) return std::nullopt;
  std::uint64_t bits = 0;
  for (unsigned value = *first; value <= *last; value += *step) bits |= std::uint64_t{1} << value;
  return bits;
}

std::optional<Cron> parse(std::string_view text) {
  if (text == "@hourly") text = "0 * * * *";
  if (text == "@daily") text = "0 0 * * *";
  if (text == "@monthly") text = "0 0 1 * *";
  Cron cron{};
  for (std::size_t i = 0; i < cron.size(); ++i) {
    auto field = take(text, ' ');
    do {
      const auto bits = bits_of(take(field, ','), kGreatest.at(i));
      if (!bits) return std::nullopt;
      cron.at(i) |= *bits;
    } while (!field.empty());
  }
  return text.empty() ? std::optional(cron) : std::nullopt;
}

bool holds(const Cron& cron, Minutes at) {
  const auto day = std::chrono::floor<std::chrono::days>(at);
  const std::chrono::year_month_day date(day);
  const auto minute = static_cast<unsigned>((at - day).count());
  const std::array<unsigned, kGreatest.size()> values{
      minute % 60, minute / 60, static_cast<unsigned>(date.day()),
      static_cast<unsigned>(date.month()), std::chrono::weekday(day).c_encoding()};
  for (std::size_t i = 0; i < values.size(); ++i)
    if ((cron.at(i) >> values.at(i) & 1) == 0) return false;
  return true;
}

std::int64_t find(const std::string& interval, std::int64_t from_ms, std::chrono::minutes step) {
  const auto cron = parse(interval);
  if (!cron) return 0;
  auto at = std::chrono::floor<std::chrono::minutes>(
      std::chrono::sys_time<std::chrono::milliseconds>(std::chrono::milliseconds(from_ms)));
  for (int tried = 0; tried < kMinutesMax; ++tried, at += step)
    if (holds(*cron, at)) return at.time_since_epoch().count() * kSlotMs;
  return 0;
}

}  // namespace

std::int64_t slot_at_or_before(const std::string& interval, std::int64_t at_ms) {
  return find(interval, at_ms, std::chrono::minutes(-1));
}

std::int64_t slot_after(const std::string& interval, std::int64_t at_ms) {
  return find(interval, at_ms + kSlotMs, std::chrono::minutes(1));
}

}  // namespace walpulse::mage_sim
