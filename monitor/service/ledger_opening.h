#pragma once

#include <memory>
#include <string>

#include "decoder/base/result.h"
#include "monitor/ledger/ledger.h"
#include "monitor/options/options.h"

namespace walpulse::monitor {

/// What the others that share the ledger, and whoever asks them, call this process.
std::string instance_name();

/// The ledger that the options name, made where there is none. Errors: those of ledger_factory.h.
Result<std::unique_ptr<Ledger>> open_ledger(const ServeOptions& options);

/// The same, but a name misspelt makes no new one.
Result<std::unique_ptr<Ledger>> open_existing_ledger(const ServeOptions& options);

/// To read an existing one, also beside the monitor that has it open. Errors: unavailable (there is
/// none, or it cannot be had), rejected.
Result<std::unique_ptr<LedgerReader>> read_ledger(const ServeOptions& options);

/// The same, to write mutes there, too.
Result<std::unique_ptr<PageLedger>> show_ledger(const ServeOptions& options);

}  // namespace walpulse::monitor
