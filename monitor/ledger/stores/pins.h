#pragma once

#include <string>

namespace walpulse::monitor {

/// Settings that one instance found out first and all go by from then on.
class PinStore {
 public:
  virtual ~PinStore() = default;
  /// Empty where nothing was pinned by this name.
  virtual std::string value(const std::string& name) = 0;
  virtual void pin(const std::string& name, const std::string& value) = 0;
};

}  // namespace walpulse::monitor
