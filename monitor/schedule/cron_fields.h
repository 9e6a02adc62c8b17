#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "decoder/base/result.h"
#include "monitor/schedule/cron_field.h"

namespace walpulse::monitor {

/// The five fields of a cron expression as sets. Bit n stands for the value n.
struct CronFields {
  std::uint64_t minutes = 0;        ///< Bits 0-59.
  std::uint64_t hours = 0;          ///< Bits 0-23.
  std::uint64_t days_of_month = 0;  ///< Bits 1-31.
  std::uint64_t months = 0;         ///< Bits 1-12.
  std::uint64_t days_of_week = 0;   ///< Bits 0-6, Sunday is 0.

  bool last_day_of_month = false;  ///< `L` is among the days of the month.
  bool any_day_of_month = false;
  bool any_day_of_week = false;

  std::array<std::uint8_t, 7> weekdays_of_month{};  ///< As CronField has them.
  /// One of `weekdays_of_month` is set. These then decide, not `days_of_week`.
  bool has_weekdays_of_month = false;

  bool operator==(const CronFields&) const = default;
};

/// Reads five fields as croniter 6.0.0 does, whose code Mage carries (mage_ai/shared/croniter.py,
/// since September 2025). Malformed is what croniter refuses. Rejected is what croniter takes and
/// this does not: six and seven fields, and the random fields `r`, whose slots croniter draws anew
/// at every look. Work is bounded by the length of the text, which is at most 256 bytes.
Result<CronFields> read_cron_fields(std::string_view text);

}  // namespace walpulse::monitor
