#pragma once

#include <string>

#include "decoder/base/result.h"

namespace walpulse::monitor {

/// Settings that must be the same for all instances and for ever: whoever comes first decides.
class PinnedSettings {
 public:
  virtual ~PinnedSettings() = default;
  /// Empty where nothing is pinned by this name.
  virtual Result<std::string> pinned(const std::string& name) = 0;
  /// What is pinned by this name: `value` from now on where nothing was, or where `replace` says
  /// so.
  virtual Result<std::string> pin(const std::string& name, const std::string& value,
                                  bool replace = false) = 0;
};

}  // namespace walpulse::monitor
