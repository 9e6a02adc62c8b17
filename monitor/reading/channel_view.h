#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "monitor/ledger/stores/storage.h"
#include "monitor/rules/rules.h"

namespace walpulse::monitor::reading {

/// So many channels are shown, and of each so many of the last that were given up.
inline constexpr std::size_t kChannelsShown = 200;
inline constexpr std::size_t kGivenUpShown = 5;

/// One channel: whether what it is told arrives.
struct ChannelView {
  std::string name;
  /// Null: the rules in force do not name it, and something of it is kept. Else a part of them.
  const rules::ChannelRule* rule = nullptr;
  std::optional<Timestamp> last_sent;
  std::int64_t collected = 0;  ///< Notices that are no message yet.
  std::int64_t waiting = 0;
  std::optional<Timestamp> oldest_waiting;  ///< When it was made.
  std::int64_t given_up = 0;
  std::vector<Delivery> last_given_up;  ///< The last first, without content.
  std::optional<Delivery> failing;      ///< DeliveryStore::failing().

  /// The delivery whose answer is the channel's last error: one that is still tried before one that
  /// was given up.
  const Delivery* last_failed() const;
};

/// The channels of the rules as they stand there, also where nothing was ever told; behind them, by
/// name, those that the rules name no more. Only reads: what waits is counted, all else costs a few
/// rows of each channel.
std::vector<ChannelView> read_channels(Transaction& in, const rules::Rules& rules);

}  // namespace walpulse::monitor::reading
