#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "decoder/base/timestamp.h"

namespace walpulse::monitor {

/// Something to be sent to one receiver. The numbers are stored.
struct Delivery {
  enum class Kind : std::uint8_t {
    message = 0,
    call = 1,  ///< What must run next.
    line = 2,  ///< Of the log.
  };
  enum class State : std::uint8_t { waiting = 0, sent = 1, given_up = 2, too_old = 3, dropped = 4 };
  std::int64_t id = 0;  ///< Given by the storage.
  Kind kind = Kind::message;
  State state = State::waiting;
  std::string channel;
  std::string subject;  ///< Those of one subject go out in order.
  std::string key;      ///< The same at every attempt.
  std::string content;  ///< JSON: what the channel renders.
  std::string of;       ///< "run mage:812 COMPLETED", for people.
  Timestamp created, due;
  unsigned attempts = 0;
  std::optional<Timestamp> ended;
  std::string answer;  ///< The last answer, or error.
};

}  // namespace walpulse::monitor
