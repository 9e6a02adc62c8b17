#pragma once

#include <optional>
#include <string_view>

#include "decoder/base/result.h"
#include "decoder/base/timestamp.h"
#include "monitor/schedule/cron_fields.h"

namespace walpulse::monitor {

/// When a cron expression fires, in UTC. A value: copies are cheap, calls need no lock.
///
/// The instants are those at which croniter 6.0.0 moves on to a new "last instant", which is how
/// Mage finds its slots. An expression that restricts both the day of the month and the day of the
/// week fires on either; where one of the two can never come (`0 0 30 2 1`: 30 February, or a
/// Monday in February) croniter raises, and the expression fires never. Beside days like `5#2` and
/// `L5` the day of the month then means nothing but that. croniter looks 50 years
/// far, and so does this: a call costs at most some 20 microseconds.
///
/// In two cases croniter's own answer is another one, because it passes over an instant that it
/// does fire at. next: it counts days up to one that the month lacks, and lands behind the begin of
/// the next month (`*/10` on 22 February: 11 March instead of 1 March) or behind `L`. previous: it
/// takes February for 28 days, so in March of a leap year it does not find the 29th. The slots of
/// Mage are not touched: it asks for the previous instant, and at the instant itself finds it.
class CronExpression {
 public:
  /// As read_cron_fields reads it; its aliases (`@daily`) are croniter's, so `@weekly` is Sunday.
  static Result<CronExpression> parse(std::string_view text);

  /// The first instant strictly after `instant`. Nothing where there is none within 50 years, nor
  /// for instants outside the years 1 to 9999.
  std::optional<Timestamp> next(Timestamp instant) const;
  /// The last instant strictly before `instant`, likewise.
  std::optional<Timestamp> previous(Timestamp instant) const;

  bool operator==(const CronExpression&) const = default;

 private:
  explicit CronExpression(const CronFields& fields) : fields_(fields) {}

  CronFields fields_;
};

}  // namespace walpulse::monitor
