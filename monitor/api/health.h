#pragma once

#include <string>
#include <vector>

namespace walpulse::monitor {

/// What the parts of the monitor say of themselves, a sentence each. Empty texts say nothing.
struct Health {
  std::vector<std::string> not_ready;  ///< Why no messages should be sent here.
  std::vector<std::string> warnings;   ///< What an operator wants to know and a load balancer not.
};

}  // namespace walpulse::monitor
