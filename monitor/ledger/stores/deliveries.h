#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "decoder/base/timestamp.h"

namespace walpulse::monitor {

/// One message or call to one channel, and what became of it. It is made at least once, with the
/// same key at every attempt.
struct Delivery {
  /// The numbers are stored.
  enum class Kind : std::uint8_t {
    message = 0,
    call = 1,      ///< What must run next.
    greeting = 2,  ///< A message of what the first look found, or did not: it delays none.
  };
  enum class State : std::uint8_t {
    waiting = 0,
    sent = 1,
    given_up = 2,
    too_old = 3,  ///< What it was to follow lay too far back.
    dropped = 4,  ///< By a person; or there were more than there may be.
  };
  std::int64_t id = 0;  ///< Given by the storage, rising; zero: not stored yet.
  Kind kind = Kind::message;
  State state = State::waiting;
  std::string channel;
  std::string subject;  ///< Of one channel and subject the older is sent first, or ended.
  std::string key;      ///< Idempotency-Key.
  std::string content;  ///< JSON: what the channel renders.
  std::string of;       ///< For people: "run mage:812 COMPLETED", "problems 12, 13".
  Timestamp created;
  Timestamp due;          ///< Not before; of one that is being sent: when its claim is over.
  unsigned attempts = 0;  ///< Begun.
  std::optional<Timestamp> repeated;  ///< When a person had it sent again.
  std::optional<Timestamp> ended;     ///< When it left `waiting`.
  /// From then on it is not begun any more, by the leader's wall clock; nothing: it may be at any
  /// time.
  std::optional<Timestamp> expires;
  std::string answer;  ///< The last answer, or error. No secret is in it.

  bool operator==(const Delivery&) const = default;
};
inline constexpr std::size_t kDeliveryKinds = 3;
inline constexpr std::size_t kDeliveryStates = 5;

/// "waiting", "given_up": as the API, the command and the metrics name it.
std::string_view name_of(Delivery::State state);
std::optional<Delivery::State> delivery_state(std::string_view name);
/// "message", "call", "greeting".
std::string_view name_of(Delivery::Kind kind);

/// Which deliveries are asked for.
struct DeliveriesAsked {
  std::optional<Delivery::State> state;
  std::optional<std::string> channel;
  std::optional<std::int64_t> before;  ///< Only ids below: the next page.
  std::size_t count_max = 100;
};

/// So many of a channel are in a state.
struct DeliveryCount {
  std::string channel;
  Delivery::State state = Delivery::State::waiting;
  std::int64_t count = 0;
  Timestamp oldest;  ///< Of those that wait the oldest `created`, else the oldest `ended`.
  bool operator==(const DeliveryCount&) const = default;
};

inline constexpr std::size_t kFailingLookedAt = 100;

/// A channel that something was sent to, and when the last of it was.
struct LastSent {
  std::string channel;
  Timestamp at;
  bool operator==(const LastSent&) const = default;
};

/// Everything that is read is read by pages, or counted: any number may wait. Written, and read to
/// be written, only under Claim::deliveries.
class DeliveryStore {
 public:
  virtual ~DeliveryStore() = default;
  /// Keeps one without an id as a new one. Of one that is known it writes state, due, attempts,
  /// repeated, ended, expires and answer. The id.
  virtual std::int64_t save(const Delivery& delivery) = 0;
  /// Those of a channel that wait, are due by `now` and are the oldest of their subject: the one
  /// that was due first comes first.
  virtual std::vector<Delivery> due(const std::string& channel, Timestamp now,
                                    std::size_t count_max) = 0;
  virtual std::optional<Delivery> find(std::int64_t id) = 0;
  /// Those of these that are known, without their contents, in any order.
  virtual std::vector<Delivery> find_all(std::span<const std::int64_t> ids) = 0;
  /// The newest first.
  virtual std::vector<Delivery> list(const DeliveriesAsked& asked) = 0;
  /// Of those that wait, and of those that were given up; by channel, then state.
  virtual std::vector<DeliveryCount> counts() = 0;
  /// When something was sent to a channel last.
  virtual std::optional<Timestamp> last_sent(const std::string& channel) = 0;
  /// The channels that something was sent to, by name; at most `count_max`. However much was sent,
  /// it costs two looks into an index for each.
  virtual std::vector<LastSent> sent_to(std::size_t count_max) = 0;
  /// Of those of a channel that were given up the last `count_max`, the last first. Their content
  /// is left out.
  virtual std::vector<Delivery> given_up(const std::string& channel, std::size_t count_max) = 0;
  /// Of those of a channel that wait although an attempt failed the one that is due last, without
  /// its content. Looked for among the kFailingLookedAt that are due last: what was never tried is
  /// due before them.
  virtual std::optional<Delivery> failing(const std::string& channel) = 0;
  /// When the last message to a channel about a subject was made, sent or not.
  virtual std::optional<Timestamp> last_message(const std::string& channel,
                                                const std::string& subject) = 0;
  /// How many calls to a channel, of those whose keys begin so, were made or are to be, of those
  /// created since: neither too old nor dropped.
  virtual std::int64_t calls_since(const std::string& channel, const std::string& key_begin,
                                   Timestamp since) = 0;
  /// The oldest `count_max` of those that ended before. How many they were.
  virtual std::size_t remove(Timestamp ended_before, std::size_t count_max) = 0;
};

}  // namespace walpulse::monitor
