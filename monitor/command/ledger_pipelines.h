#pragma once

#include <vector>

#include "decoder/base/result.h"
#include "monitor/options/options.h"
#include "monitor/rules/known_pipeline.h"

namespace walpulse::monitor {

struct LedgerPipelines {
  std::vector<rules::KnownPipeline> pipelines;
  bool all = true;  ///< False: the ledger has more than it tells apart.
};

/// Reads what the ledger of the options knows of pipelines; it must exist already. Errors
/// (unavailable): there is none, or it cannot be had.
Result<LedgerPipelines> ledger_pipelines(const ServeOptions& options);

}  // namespace walpulse::monitor
