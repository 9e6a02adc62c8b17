#pragma once

#include <string>

namespace walpulse::database {

/// The part of a psql script that makes the role `role`, which logs in with a password. psql asks
/// for that (\password) and sends a hash, so that it stands in no file, no output and no log. The
/// role gets LOGIN last: a script that was stopped at the question asks again, and one that can log
/// in is left as it is. Names the part's variables walpulse_role... Pure.
std::string login_role_sql(const std::string& role);

/// A value for a line of comment, which it must not leave: control characters become '?'. Pure.
std::string in_comment(std::string text);

}  // namespace walpulse::database
