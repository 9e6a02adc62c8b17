#pragma once

#include <optional>
#include <string>

#include "decoder/base/result.h"
#include "monitor/options/options.h"

namespace walpulse::monitor {

/// With --print-sql prints what a ledger in PostgreSQL needs, and asks nobody. Else looks at where
/// the ledger is, or is to be, at the rules, at whom pushes are taken from, as whom Google's
/// services are asked and whether they let the monitor do its work, and prints what it finds with
/// the remedies. Changes nothing. `login`: as whom --cloud-sql-iam logs in, or why it cannot; none
/// without. Returns the exit code: 1 where something is in the way.
int doctor(const ServeOptions& options, const Environment& environment,
           const std::optional<Result<std::string>>& login);

}  // namespace walpulse::monitor
