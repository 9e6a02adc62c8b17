#pragma once

#include <memory>

#include "decoder/base/result.h"
#include "monitor/ledger/ledger.h"
#include "monitor/options/options.h"

namespace walpulse::monitor {

/// The ledger that the options name, made where there is none. Errors: those of ledger_factory.h.
Result<std::unique_ptr<Ledger>> open_ledger(const ServeOptions& options);

/// The same, but a name misspelt makes no new one.
Result<std::unique_ptr<Ledger>> open_existing_ledger(const ServeOptions& options);

}  // namespace walpulse::monitor
