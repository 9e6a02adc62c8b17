#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <vector>

#include "decoder/base/result.h"
#include "monitor/ledger/application/outcome.h"
#include "monitor/ledger/application/received_message.h"

namespace walpulse::monitor {

/// What became of one message. An Error means that nothing did: it is to come again.
using Completion = std::function<void(Result<Outcome>)>;

/// What waits for the ledger, and what of it goes together. A large message takes the ledger long:
/// large ones wait in a line of their own, one goes at a time, in turns with a group of the others,
/// and they never fill more than half of the room. Not thread-safe.
class IntakeQueue {
 public:
  struct Limits {
    std::size_t bytes_max = 32u << 20;  ///< Of all that waits.
    std::size_t group_messages_max = 4000;
    std::size_t group_bytes_max = 8u << 20;
    std::size_t large_bytes_min = 256u << 10;  ///< A message of so many bytes is large.
  };
  struct Group {
    std::vector<ReceivedMessage> messages;
    std::vector<Completion> completions;
  };

  explicit IntakeQueue(Limits limits) : limits_(limits) {}

  /// What the message counts as, here and below.
  static std::size_t bytes_of(const ReceivedMessage& message);
  /// A line that is empty has room for any message, or one over its whole bound could never be.
  bool has_room(std::size_t bytes) const;
  void push(ReceivedMessage message, Completion done, std::size_t bytes);
  bool empty() const { return small_.waiting.empty() && large_.waiting.empty(); }
  std::size_t bytes() const { return small_.bytes + large_.bytes; }
  /// The next group, empty where nothing waits.
  Group take();
  /// Empties it.
  std::vector<Completion> drop();

 private:
  struct Pending {
    ReceivedMessage message;
    Completion done;
    std::size_t bytes = 0;
  };
  struct Line {
    std::deque<Pending> waiting;
    std::size_t bytes = 0;
  };
  Group take_from(Line& line, std::size_t messages_max) const;

  const Limits limits_;
  Line small_, large_;
  bool large_was_last_ = false;
};

}  // namespace walpulse::monitor
