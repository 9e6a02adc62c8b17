#pragma once

#include <string>

#include "decoder/base/logging.h"

namespace walpulse::monitor {

/// Ends a command: says why in the log, and returns its exit code.
inline int refuse(int code, const std::string& what) {
  SPDLOG_ERROR("{}", what);
  return code;
}

}  // namespace walpulse::monitor
