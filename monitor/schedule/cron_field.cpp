#include "monitor/schedule/cron_field.h"

#include <algorithm>
#include <bit>

namespace walpulse::monitor {
namespace {

struct FieldRange {
  int low;
  int high;
};
constexpr std::array<FieldRange, 5> kFieldRanges{{{0, 59}, {0, 23}, {1, 31}, {1, 12}, {0, 6}}};
constexpr std::array<std::string_view, 12> kMonthNames{"jan", "feb", "mar", "apr", "may", "jun",
                                                       "jul", "aug", "sep", "oct", "nov", "dec"};
constexpr std::array<std::string_view, 7> kDayNames{"sun", "mon", "tue", "wed",
                                                    "thu", "fri", "sat"};

const FieldRange& range_of(CronFieldKind kind) {
  return kFieldRanges[static_cast<std::size_t>(kind)];
}

constexpr std::uint64_t bit(int value) { return std::uint64_t{1} << value; }

/// Of a number that no field has room for: further digits change nothing.
constexpr int kTooLarge = 1'000'000;

std::optional<int> number(std::string_view text) {
  if (text.empty()) return std::nullopt;
  int value = 0;
  for (const char digit : text) {
    if (digit < '0' || digit > '9') return std::nullopt;
    value = std::min(value * 10 + (digit - '0'), kTooLarge);
  }
  return value;
}

/// Reads one field, element by element.
class CronFieldReader {
 public:
  explicit CronFieldReader(CronFieldKind kind) : kind_(kind) {}

  std::optional<CronField> read(std::string_view text) {
    if (text == "?") {
      if (kind_ != CronFieldKind::day_of_month && kind_ != CronFieldKind::day_of_week)
        return std::nullopt;
      text = "*";
    }
    while (true) {
      const std::size_t comma = text.find(',');
      if (!read_element(text.substr(0, comma))) return std::nullopt;
      if (comma == std::string_view::npos) return field_;
      text.remove_prefix(comma + 1);
    }
  }

 private:
  const FieldRange& range() const { return range_of(kind_); }

  bool read_element(std::string_view element) {
    which_of_month_ = 0;
    if (kind_ == CronFieldKind::day_of_week && !read_which_of_month(element)) return false;
    if (const std::size_t dash = element.find('-'); dash != std::string_view::npos)
      return read_range(element.substr(0, dash), element.substr(dash + 1));
    if (const std::size_t slash = element.find('/'); slash != std::string_view::npos) {
      const std::string_view from = element.substr(0, slash);
      const auto low = from == "*" ? range().low : value(from);
      return low && add_range(*low, range().high, number(element.substr(slash + 1)));
    }
    if (element == "*") return field_.star = true;
    if (kind_ == CronFieldKind::day_of_month && element == "l") return field_.last = true;
    const auto single = value(element);
    return single && add(*single);
  }

  /// Takes `#2` or a leading `L` off an element of the days of the week.
  bool read_which_of_month(std::string_view& element) {
    if (element.size() > 1 && element.front() == 'l') {
      which_of_month_ = CronField::kLastOfMonth;
      element.remove_prefix(1);
      return number(element).has_value();
    }
    const std::size_t hash = element.find('#');
    if (hash == std::string_view::npos) return true;
    const auto which = number(element.substr(hash + 1));
    if (!which || *which < 1 || *which > 5) return false;
    which_of_month_ = static_cast<std::uint8_t>(1U << *which);
    element = element.substr(0, hash);
    // A range of them is one of names: mon-fri#1, not 1-5#1. Steps and stars have no place there.
    const bool range_of_numbers = element.find('-') != std::string_view::npos &&
                                  element.find_first_of("0123456789") != std::string_view::npos;
    return !range_of_numbers && element.find_first_of("*/") == std::string_view::npos;
  }

  bool read_range(std::string_view low_text, std::string_view rest) {
    const std::size_t slash = rest.find('/');
    const std::string_view high_text = rest.substr(0, slash);
    const auto step = slash == std::string_view::npos ? 1 : number(rest.substr(slash + 1));
    const auto low = value(low_text);
    const auto high =
        kind_ == CronFieldKind::day_of_month && high_text == "l" ? range().high : value(high_text);
    return low && high && add_range(*low, *high, step);
  }

  /// A number or a name; Sunday may be 7.
  std::optional<int> value(std::string_view text) const {
    if (const auto digits = number(text))
      return kind_ == CronFieldKind::day_of_week && *digits == 7 ? 0 : *digits;
    const auto named = [&](const auto& names, int first) -> std::optional<int> {
      const auto found = std::find(names.begin(), names.end(), text);
      if (found == names.end()) return std::nullopt;
      return static_cast<int>(found - names.begin()) + first;
    };
    if (kind_ == CronFieldKind::month) return named(kMonthNames, 1);
    if (kind_ == CronFieldKind::day_of_week) return named(kDayNames, 0);
    return std::nullopt;
  }

  bool add(int number) {
    if (number < range().low || number > range().high) return false;
    field_.values |= bit(number);
    if (which_of_month_ != 0)
      field_.weekdays_of_month[static_cast<std::size_t>(number)] |= which_of_month_;
    return true;
  }

  bool add_every(int low, int high, int step) {
    for (int number = low; number <= high; number += step)
      if (!add(number)) return false;
    return true;
  }

  bool add_range(int low, int high, std::optional<int> step) {
    if (!step || *step == 0 || std::max(low, high) > range().high) return false;
    if (low == high) return add_every(range().low, range().high, *step);
    if (low < high) return add_every(low, high, *step);
    // Around the end of the field. What croniter leaves out behind it is one more than a plain
    // count of steps would, where the last step leads beyond the field.
    const int last = low + (range().high - low) / *step * *step;
    const int left = range().high - last;
    const bool beyond = last - range().low + *step > range().high - range().low + 1;
    const int skipped = beyond && left < *step ? *step - left : 0;
    return add_every(low, range().high, *step) && add_every(range().low + skipped, high, *step);
  }

  const CronFieldKind kind_;
  CronField field_;
  std::uint8_t which_of_month_ = 0;  ///< Of the element being read.
};

}  // namespace

int CronField::count() const { return std::popcount(values) + (star ? 1 : 0) + (last ? 1 : 0); }

std::optional<CronField> read_cron_field(CronFieldKind kind, std::string_view text) {
  return CronFieldReader(kind).read(text);
}

std::uint64_t all_cron_values(CronFieldKind kind) {
  const FieldRange& range = range_of(kind);
  return (bit(range.high - range.low + 1) - 1) << range.low;
}

}  // namespace walpulse::monitor
