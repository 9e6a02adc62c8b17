#pragma once

#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <unordered_set>

#include "monitor/ledger/stores/storage.h"

namespace walpulse::monitor {

inline constexpr std::string_view kOther = "_other";

/// Keeps the number of series bounded: the values of a label beyond its limit are `_other`. Which
/// values came first is kept in the storage and never changes.
class LabelLimits {
 public:
  LabelLimits(std::size_t pipelines_max, std::size_t values_max)
      : pipelines_max_(pipelines_max), values_max_(values_max) {}

  /// At the start of every transaction, and with `rolled_back` after one that was.
  void begin(bool rolled_back);
  /// True where `value` may be shown; takes it in where there is room.
  bool admit(Transaction& transaction, const std::string& label, const std::string& value);
  /// True where `value` was taken in.
  bool knows(Transaction& transaction, const std::string& label, const std::string& value);

 private:
  const std::size_t pipelines_max_;
  const std::size_t values_max_;
  std::map<std::string, std::unordered_set<std::string>> known_;
  std::set<std::string> current_;  ///< Labels read from the storage in this transaction.
  std::set<std::string> claimed_;  ///< Read so that no other instance adds to them before us.
};

}  // namespace walpulse::monitor
