#pragma once

#include <set>
#include <string>

namespace walpulse::monitor {

/// The label values that were taken in. Claim::labels shuts out whoever else takes one in.
class LabelStore {
 public:
  virtual ~LabelStore() = default;
  virtual std::set<std::string> values(const std::string& label) = 0;
  virtual void add(const std::string& label, const std::string& value) = 0;
};

}  // namespace walpulse::monitor
