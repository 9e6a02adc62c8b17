#pragma once

#include <string>
#include <utility>
#include <vector>

#include "monitor/options/options.h"

namespace walpulse::monitor {

/// `walpulse-monitor doctor` with the options in force that are not the defaults, quoted for a
/// shell, never a password; `changes` take the place of what they say. Pure.
std::string doctor_command(const ServeOptions& options,
                           const std::vector<std::pair<std::string, std::string>>& changes = {});

std::string with_ledger(const ServeOptions& options, const std::string& ledger);
std::string with_schema(const ServeOptions& options, const std::string& schema);
/// The ledger's connection, to another host.
std::string with_ledger_at(const ServeOptions& options, const std::string& host,
                           const std::string& port = {});

}  // namespace walpulse::monitor
