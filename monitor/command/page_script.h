#pragma once

#include <string>

#include "monitor/options/options.h"

namespace walpulse::monitor {

/// What the page's role needs in PostgreSQL, as a psql script: it reads the ledger and writes
/// mutes, and nothing else. The role is the --ledger's, walpulse_page where it names none.
std::string page_script(const ServeOptions& options);

/// `walpulse-monitor page --print-sql`. The exit code.
int print_page_script(const ServeOptions& options);

}  // namespace walpulse::monitor
