#pragma once

#include <chrono>
#include <string>

namespace walpulse::database {

/// What differs between sessions. A timeout of 0 waits for ever.
struct SessionNeeds {
  std::string client_encoding = "UTF8";
  std::string schema{};  ///< Searched behind pg_catalog, and where tables are made; empty: none is.
  std::chrono::milliseconds statement_timeout{0};
  std::chrono::milliseconds lock_timeout{0};
  std::chrono::milliseconds idle_in_transaction_timeout{0};
};

/// The statements with which every session of ours begins, whoever opens it and whatever for: what
/// names mean, how values are written, and how long the server waits, none of which the server, the
/// database, the role, PGOPTIONS or the dsn may decide. A SET within the session wins over all of
/// them. Never RESET one of these: that would bring the role's value back. Pure.
std::string session_sql(int version_num, const SessionNeeds& needs = {});

/// The same for a script that somebody else's psql runs, against a server of any version.
std::string script_head();

}  // namespace walpulse::database
