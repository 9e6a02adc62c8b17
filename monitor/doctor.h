#pragma once

#include "monitor/options/options.h"

namespace walpulse::monitor {

/// Looks at where the ledger is, or is to be, at whom pushes are taken from and as whom Google's
/// services are asked, and prints what it finds with the remedies. Changes
/// nothing. Returns the exit code: 1 where something is in the way.
int doctor(const ServeOptions& options, const Environment& environment);

}  // namespace walpulse::monitor
