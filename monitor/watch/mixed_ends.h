#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "monitor/ledger/stores/storage.h"
#include "monitor/rules/rules.h"
#include "monitor/watch/pipeline_facts.h"

namespace walpulse::monitor {

/// A pipeline of which one value of a label fails time after time while another succeeds: as one
/// pipeline its failures and recoveries alternate, and hide the one that fails.
struct MixedEnds {
  std::string source;
  std::string pipeline;
  std::string label;
  std::string failing;         ///< The value that failed most often in a row.
  std::uint64_t failures = 0;  ///< So often.
  std::string succeeding;      ///< One that does not.
  bool operator==(const MixedEnds&) const = default;
};

/// Of one pipeline, label by label. Pure.
std::vector<MixedEnds> mixed_ends(const PipelineFacts& facts);

/// Of all pipelines but where the rules tell failures apart by that label already. Only reads.
std::vector<MixedEnds> mixed_ends(Transaction& in, const Context& context,
                                  const rules::Rules& rules);

/// Fewer failures in a row may be chance.
inline constexpr std::uint64_t kMixedFailuresMin = 3;

}  // namespace walpulse::monitor
