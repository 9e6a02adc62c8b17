#pragma once

#include <cstdlib>
#include <functional>
#include <string>

namespace walpulse {

/// Looks a variable up: null where it is not set. It is a parameter so that tests choose their own;
/// an empty one asks the process's environment.
using Environment = std::function<const char*(const char*)>;

/// The variable's value; empty where it is not set.
inline std::string value_of(const Environment& environment, const char* name) {
  const char* value = environment ? environment(name) : std::getenv(name);
  return value == nullptr ? std::string() : std::string(value);
}

}  // namespace walpulse
