#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <vector>

#include "monitor/ledger/stores/storage.h"
#include "monitor/messages/context.h"
#include "monitor/reading/pipeline_directory.h"
#include "monitor/rules/rules.h"

namespace walpulse::monitor {

/// What the ledger knows beside problems, by Problem::id: the run, its block, what is usual, the
/// last success, the next run. Reads why runs failed, in a few queries for all.
std::map<std::int64_t, messages::Facts> known_facts(Transaction& in, const Context& context,
                                                    const reading::Directory& directory,
                                                    const rules::Rules& rules,
                                                    std::span<const Problem> problems);

}  // namespace walpulse::monitor
