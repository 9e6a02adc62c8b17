#pragma once

#include <cstdint>
#include <string>

namespace walpulse::monitor {

/// Who asks, as far as the chosen way of proof tells.
struct Identity {
  enum class Proof : std::uint8_t {
    given,      ///< `name` is beyond doubt.
    absent,     ///< Nothing was shown.
    bad,        ///< What was shown proves nothing: forged, expired, made out to somebody else.
    undecided,  ///< It cannot be told yet: there are no keys to check it with.
  };
  Proof proof = Proof::absent;
  std::string name;     ///< An e-mail address; what writes are kept under.
  std::string domain;   ///< The organization that the account is of; empty: of none, or not said.
  std::string problem;  ///< Why there is no proof, for the operator's log. Holds nothing secret.
};

}  // namespace walpulse::monitor
