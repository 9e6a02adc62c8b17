#pragma once

#include <string>

namespace walpulse::database {

// Commands for whoever administers an instance of Cloud SQL. What the connection string does not
// tell stands in capitals: INSTANCE, PROJECT, USER. Pure.

/// Sets one flag ("cloudsql.logical_decoding=on") and keeps those that the instance has: a patch
/// replaces the whole list. Needs jq.
std::string set_flag_command(const std::string& dsn, const std::string& flag);

/// Lets the dsn's user log in by token: the flag, the user, the role
/// (https://cloud.google.com/sql/docs/postgres/iam-logins).
std::string iam_login_command(const std::string& dsn);

}  // namespace walpulse::database
