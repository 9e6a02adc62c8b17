#pragma once

#include <string_view>

namespace walpulse::connector {

/// Whether a notice on a replication connection means that changes are left out: where a
/// publication is missing, PostgreSQL 18 only warns (55000, "skipped loading publication") and goes
/// on without its tables; up to 17 the stream ends with 42704. `severity` as the server sends it
/// untranslated. Pure.
bool drops_changes(std::string_view severity, std::string_view sqlstate);

}  // namespace walpulse::connector
