#pragma once

#include <span>
#include <vector>

#include "monitor/ledger/stores/storage.h"
#include "monitor/problems/problem.h"

namespace walpulse::monitor {

/// What was given up so long ago needs nobody any more.
inline constexpr std::chrono::days kUndeliveredShown{7};

/// Deliveries of one channel that were given up, and neither sent again nor dropped.
struct GivenUp {
  std::string channel;
  std::int64_t count = 0;
  Timestamp first;  ///< When the first of them was given up.
  Delivery last;    ///< The newest of them.
};

/// One for each channel. Of no source: what walpulse tells is of all of them.
std::vector<Finding> undelivered_findings(std::span<const GivenUp> channels);

/// Of the channels of which one was given up so lately that it is still shown at `now`.
std::vector<GivenUp> read_given_up(Transaction& in, Timestamp now);

}  // namespace walpulse::monitor
