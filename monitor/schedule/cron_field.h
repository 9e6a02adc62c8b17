#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace walpulse::monitor {

enum class CronFieldKind { minute, hour, day_of_month, month, day_of_week };

/// One field of a cron expression: what its elements, which commas part, name together.
struct CronField {
  std::uint64_t values = 0;  ///< Bit n stands for the value n.
  bool star = false;         ///< `*` is an element.
  bool last = false;         ///< `L` is an element, of the days of the month.
  /// For each day of the week, which ones of a month: bits 1-5 of `5#2`, kLastOfMonth of `L5`.
  std::array<std::uint8_t, 7> weekdays_of_month{};

  static constexpr std::uint8_t kLastOfMonth = 1 << 6;

  /// The different elements that croniter holds once ranges are written out.
  int count() const;

  bool operator==(const CronField&) const = default;
};

/// Nothing where croniter 6.0.0 refuses the field. `text` is in lower case, and not empty.
///
/// Three readings of croniter surprise: a range whose ends are equal is the whole field (`5-5` is
/// every minute), and so is a step from the greatest value (`59/15` is `*/15`); a range that wraps
/// around goes on in the second part by a rule of its own (`21-7/6` is 21 and 4).
std::optional<CronField> read_cron_field(CronFieldKind kind, std::string_view text);

/// Every value that such a field may have.
std::uint64_t all_cron_values(CronFieldKind kind);

}  // namespace walpulse::monitor
