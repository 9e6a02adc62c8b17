#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "monitor/channels/channel.h"
#include "monitor/delivery/lane.h"
#include "monitor/leader/periodic_task.h"
#include "monitor/ledger/outbox.h"

namespace walpulse::monitor {

/// A channel of the rules in force.
struct ChannelInForce {
  std::string name;
  std::shared_ptr<Channel> channel;  ///< The same as long as its rule is.
  std::chrono::milliseconds pace{};  ///< Between the begins of two calls.
};

/// Sends what is due while this instance leads: at least once each, with the same key at every
/// attempt, in order for each channel and subject, the channels beside one another. What a process
/// that was killed had begun is sent again. What waits for a channel that the rules no longer have
/// waits for a day, and is given up then.
class Relay {
 public:
  /// Asked before each look, from the relay's thread.
  using Channels = std::function<std::vector<ChannelInForce>()>;
  /// `outbox` must outlive it.
  Relay(Outbox& outbox, Channels channels, RelayOptions options);
  /// Cuts calls short, and gives back what was not begun.
  ~Relay();

  /// Looks at once: something was made that is due.
  void wake() { rounds_.wake(); }
  /// Why nothing is sent; empty: it is, or there is nothing.
  std::string health() const;

 private:
  using Clock = std::chrono::steady_clock;

  std::chrono::milliseconds round();
  void renew_lanes();
  Result<void> claim();
  Result<void> look_at_the_rare();
  Result<void> forget();
  void refuse(const std::vector<Delivery>& claimed);

  Outbox& outbox_;
  const Channels channels_;
  const RelayOptions options_;
  mutable std::mutex mutex_;
  std::string trouble_;
  Rounds rounds_;  // Before the lanes, which wake it until they end.
  std::map<std::string, std::unique_ptr<Lane>> lanes_;  ///< Of the thread of the rounds.
  std::vector<std::unique_ptr<Lane>> retired_;          ///< Until they are done; likewise.
  std::vector<std::string> strange_;  ///< Channels that the rules do not have; likewise.
  Clock::time_point next_rare_{};
  Clock::time_point next_forgotten_{};
};

}  // namespace walpulse::monitor
