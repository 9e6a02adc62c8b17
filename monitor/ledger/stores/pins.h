#pragma once

#include <map>
#include <string>

namespace walpulse::monitor {

/// Settings that one instance found out first and all go by from then on.
class PinStore {
 public:
  virtual ~PinStore() = default;
  /// Empty where nothing was pinned by this name.
  virtual std::string value(const std::string& name) = 0;
  /// All whose names begin so, by name.
  virtual std::map<std::string, std::string> beginning(const std::string& prefix) = 0;
  virtual void pin(const std::string& name, const std::string& value) = 0;
};

}  // namespace walpulse::monitor
