#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "monitor/ledger/stores/notices.h"

namespace walpulse::monitor {

/// A subject that was opened and closed so often within one message is told of as flapping.
inline constexpr std::size_t kFlapsMin = 3;

/// One thing to tell: the last that the notices of one problem's key say.
struct Told {
  const Notice* notice = nullptr;
  /// How often it was opened within the message; kFlapsMin or more: it comes and goes.
  std::size_t opened = 0;
  bool flaps() const { return opened >= kFlapsMin; }
};

/// What of these notices, of one channel and in the order in which they were noted, a reader needs:
/// in that order, one for each problem. What was opened and is over again before anybody heard of
/// it is left out, unless it comes and goes. Refers to `notices`. Pure.
std::vector<Told> what_to_tell(std::span<const Notice> notices);

}  // namespace walpulse::monitor
