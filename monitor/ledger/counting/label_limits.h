#pragma once

#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <unordered_set>

#include "monitor/ledger/ledger_options.h"
#include "monitor/ledger/stores/storage.h"

namespace walpulse::monitor {

inline constexpr std::string_view kOther = "_other";
/// What the pairs of a pipeline and a block are kept under, "daily/load". No label has this name.
inline constexpr std::string_view kBlockPair = "pipeline/block";

/// Keeps the number of series bounded: the values of a label beyond its limit are `_other`. Which
/// values came first is kept in the storage and never changes.
class LabelLimits {
 public:
  explicit LabelLimits(const LedgerOptions& options)
      : pipelines_max_(options.pipelines_max),
        blocks_max_(options.blocks_max),
        values_max_(options.label_values_max) {}

  /// At the start of every transaction, and with `rolled_back` after one that was.
  void begin(bool rolled_back);
  /// True where `value` may be shown; takes it in where there is room.
  bool admit(Transaction& transaction, const std::string& label, const std::string& value);
  /// True where `value` was taken in.
  bool knows(Transaction& transaction, const std::string& label, const std::string& value);

 private:
  std::size_t values_max(const std::string& label) const;

  const std::size_t pipelines_max_;
  const std::size_t blocks_max_;
  const std::size_t values_max_;
  std::map<std::string, std::unordered_set<std::string>> known_;
  std::set<std::string> current_;  ///< Labels read from the storage in this transaction.
  std::set<std::string> claimed_;  ///< Read so that no other instance adds to them before us.
};

}  // namespace walpulse::monitor
