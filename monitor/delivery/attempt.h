#pragma once

#include <chrono>
#include <optional>

#include "monitor/channels/channel.h"
#include "monitor/ledger/outbox.h"

namespace walpulse::monitor {

/// One that nobody has taken for so long is given up.
inline constexpr std::chrono::hours kGivenUpAfter{24};
/// A receiver that asks for a longer pause is asked again by then.
inline constexpr std::chrono::hours kRetryAfterMax{1};

/// The longest pause after the n-th attempt, from 1: it doubles from 5 s up to 10 min.
std::chrono::milliseconds pause_max(unsigned attempts);

/// What becomes of a delivery that was claimed and answered with `answer` at `now`. The pause is
/// `draw`, from [0, 1), of the longest there may be: full jitter, so that many that failed together
/// do not come back together. Pure.
Attempted after_answer(const Delivery& claimed, const Answer& answer, Timestamp now, double draw);

/// Of one that is claimed when it has expired: nothing where it has not. Where nobody was called in
/// vain it is too old, else it is given up, so that somebody hears of it.
std::optional<Attempted> after_expiry(const Delivery& claimed, Timestamp now);

/// Of one that was claimed and not begun: it is due at once.
Attempted not_begun(const Delivery& claimed, Timestamp now);

/// Of one whose sending was cut off when this process stops: it may have been taken, or not.
Attempted cut_off(const Delivery& claimed, Timestamp now);

}  // namespace walpulse::monitor
