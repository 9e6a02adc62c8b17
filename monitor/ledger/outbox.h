#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "decoder/base/result.h"
#include "decoder/base/timestamp.h"
#include "monitor/ledger/stores/deliveries.h"
#include "monitor/ledger/stores/happenings.h"
#include "monitor/ledger/stores/notices.h"

namespace walpulse::monitor {

class Transaction;
struct Context;

/// What happened and was not handled yet, the oldest first.
struct News {
  std::vector<Happening> told;
  /// Only the log says it: it is of the past, or of a table that no heartbeat names, of which
  /// nobody knows whether it is.
  std::vector<Happening> untold;
};

/// What notices of one channel become.
struct Composed {
  /// Nothing: none of them needs to be told any more.
  std::optional<Delivery> message;
  std::vector<std::int64_t> notices;  ///< Which of them wait no longer.
};

/// How many deliveries of a channel may be claimed now.
struct ChannelRoom {
  std::string channel;
  std::size_t count = 0;
};

/// What became of one attempt.
struct Attempted {
  Delivery::State state = Delivery::State::waiting;
  Timestamp due;                   ///< Of one that waits: when it is tried again.
  std::optional<Timestamp> ended;  ///< Of one that does not.
  std::string answer;
  bool counts = true;  ///< False: it was not begun, or went well as far as it went.
};

/// What is to be told and called, from what happened to what was sent. Each call is one transaction
/// under the lease: an instance that does not lead, or whose lead ran out, changes nothing.
class Outbox {
 public:
  virtual ~Outbox() = default;

  /// What follows from happenings. Called within the transaction, again where that is retried.
  using Route = std::function<std::vector<Delivery>(Transaction& in, const Context& context,
                                                    const News& news)>;
  /// Routes the oldest happenings, `count_max` or what one transaction more counted, and forgets
  /// them: what lies at or below the position that its table is told from, as after a ledger was
  /// filled again, is `untold`. Of a table for which that is not known yet they wait, and are
  /// `untold` where no heartbeat comes to name it. How many were handled. One thread calls it.
  virtual Result<std::size_t> route(std::size_t count_max, const Route& route) = 0;

  /// What the notices that wait come to. Called within the transaction, again where that is
  /// retried.
  using Compose = std::function<std::vector<Composed>(Transaction& in, const Context& context)>;
  /// Keeps the messages, and that their notices wait no longer. How many were made.
  virtual Result<std::size_t> compose(const Compose& compose) = 0;

  /// Deliveries to be sent now, their attempts counted. Until `now + hold` nobody else is given
  /// them, whoever leads: what was not begun to be sent by then must not be sent any more.
  virtual Result<std::vector<Delivery>> claim(std::span<const ChannelRoom> rooms, Timestamp now,
                                              std::chrono::milliseconds hold) = 0;
  /// Writes what became of a delivery that was claimed. That it was sent is written whoever leads
  /// by now; all else only where nobody has claimed or ended it since.
  virtual Result<void> finish(const Delivery& claimed, const Attempted& attempted) = 0;
  /// DeliveryStore::counts(), led or not.
  virtual Result<std::vector<DeliveryCount>> delivery_counts() = 0;
  /// Forgets deliveries that ended, and notices of problems that are not open which were noted,
  /// before; `count_max` of each. Whether those were all.
  virtual Result<bool> forget(Timestamp before, std::size_t count_max) = 0;
};

/// What became of a person's wish about a delivery.
enum class Wished : std::uint8_t {
  done,
  unknown,   ///< There is no such delivery.
  refused,   ///< To be repeated it must have been given up; to be dropped it must wait, or that.
  outdated,  ///< To be repeated: a message of problems that are all over.
};

/// What people ask of deliveries, and do with them. Any instance, leader or not.
class DeliveryDesk {
 public:
  virtual ~DeliveryDesk() = default;
  /// One that was given up is sent again, with the same key, and given up no sooner than a new one.
  /// What would tell of problems that are over, behind the message that they are, is not.
  virtual Result<Wished> retry(std::int64_t delivery, Timestamp now, const std::string& by) = 0;
  /// One that waits or was given up is never sent. One that is being sent may have been.
  virtual Result<Wished> drop(std::int64_t delivery, Timestamp now, const std::string& by) = 0;
};

}  // namespace walpulse::monitor
