#pragma once

#include <cstddef>

namespace walpulse::rules {

/// Where a value was written: a file of Rules::files and a line of it, or nowhere.
struct Place {
  std::size_t file = 0;
  int line = 0;  ///< 0: built in, written nowhere.
  bool operator==(const Place&) const = default;
};

}  // namespace walpulse::rules
