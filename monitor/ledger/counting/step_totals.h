#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <unordered_map>
#include <vector>

#include "monitor/ledger/counting/folded_labels.h"
#include "monitor/ledger/counting/series_changes.h"
#include "monitor/ledger/ledger_options.h"
#include "monitor/ledger/timeline/counted_marks.h"

namespace walpulse::monitor {

/// The steps of one transaction, summed up before they change series: a group of a thousand events
/// takes thousands of steps, under a few dozen sets of labels.
class StepTotals {
 public:
  StepTotals(FoldedLabels& labels, const LedgerOptions& options)
      : labels_(labels), options_(options) {}

  void add(const std::string& source, const NewStep& counted);
  /// To be called once, at the end.
  void add_to(SeriesChanges& changes) const;

 private:
  struct Sum {
    StepKind kind;
    std::string word;  ///< The status, by whom it was skipped, or why it failed.
    std::int64_t count = 0;
    telemetry::Distribution seconds;  ///< timed, queued.
  };
  struct Key {
    std::string source;
    SharedLabels labels;
    bool operator==(const Key&) const = default;
  };
  struct Hash {
    std::size_t operator()(const Key& key) const;
  };
  /// What is counted under one set of labels.
  struct Sums {
    Folded folded;
    std::int64_t steps = 0;
    std::vector<Sum> sums;
  };
  using AllSums = std::unordered_map<Key, Sums, Hash>;

  AllSums::value_type& sums_of(const std::string& source, const SharedLabels& labels);
  Sum& sum_of(Sums& sums, const NewStep& counted) const;
  static void add_to(SeriesChanges& changes, const std::string& source,
                     const telemetry::Labels& labels, const Sum& sum);

  FoldedLabels& labels_;
  const LedgerOptions& options_;
  AllSums all_;
  AllSums::value_type* last_ = nullptr;  ///< A run's steps come one after the other.
};

}  // namespace walpulse::monitor
