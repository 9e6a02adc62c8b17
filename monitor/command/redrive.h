#pragma once

#include <cstddef>
#include <functional>
#include <string>

#include "decoder/base/result.h"
#include "monitor/ledger/rejected_messages.h"
#include "monitor/options/options.h"

namespace walpulse::monitor {

struct RedriveTotals {
  std::size_t taken_out = 0;  ///< They fit now, or their effect was there already.
  std::size_t left = 0;       ///< They are rejected still.
};

/// Applies every rejected message again, group by group: what fits is counted and leaves the
/// rejected in one transaction, so that it may be interrupted and run again. `print` gets a JSON
/// line a message, `notify` what became known by it. A dry run changes nothing.
Result<RedriveTotals> redrive_all(RejectedMessages& messages, bool dry_run, Timestamp now,
                                  const std::function<void(const std::string&)>& print,
                                  const std::function<void(const SourceAlert&)>& notify);

/// The command: lines on stdout, the rest on stderr. Returns the exit code.
int redrive(const ServeOptions& options);

}  // namespace walpulse::monitor
