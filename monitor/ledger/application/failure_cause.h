#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "monitor/ledger/stores/sources.h"
#include "monitor/ledger/stores/table_rows.h"
#include "monitor/ledger/timeline/timeline.h"

namespace walpulse::monitor {

/// Why a run failed, as far as it and its blocks say.
enum class FailureCause : std::uint8_t {
  unknown,         ///< No block is known, or what is there does not say.
  block,           ///< A block had failed; with an error, where errors are let out.
  block_timeout,   ///< A block had failed, and its row says that there was no error.
  run_timeout,     ///< No block had failed, and the run was RUNNING.
  initialisation,  ///< No block had failed, and the run had not begun.
};
std::string_view to_string(FailureCause cause);

struct Failure {
  FailureCause cause = FailureCause::unknown;
  std::string block;  ///< The first that had failed; empty: none had.
  std::string error;  ///< Its error, where it is known.
};

/// Of the failure at `at`, which followed a row of status `status_before` (empty: not known).
/// `blocks` are rows of the run, `table` their source. What a later attempt did to them means
/// nothing: a block counts as it was when the run failed. Positions of two tables are compared by
/// their commits.
Failure explain_failure(const schema::Position& at, std::string_view status_before,
                        std::span<const StoredTableRow> blocks, const SourceRow& table);

}  // namespace walpulse::monitor
