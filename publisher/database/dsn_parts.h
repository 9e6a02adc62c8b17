#pragma once

#include <string>
#include <vector>

namespace walpulse::database {

// A connection string taken apart and put together again. Pure.

/// What the connection string gives the keyword; empty where it does not.
std::string dsn_value(const std::string& dsn, const std::string& keyword);

struct DsnValue {
  std::string keyword;
  std::string value;  ///< Empty: the keyword is left out.
};

/// The same connection for people to read and to use: keyword=value pairs, host first, never a
/// password. `changes` take the place of what it says. Empty where it is no connection string.
std::string shown_dsn(const std::string& dsn, const std::vector<DsnValue>& changes = {});

/// The line of ~/.pgpass that `role` needs, with PASSWORD where it stands; HOST and DATABASE where
/// the connection string names none.
std::string password_file_line(const std::string& dsn, const std::string& role);

}  // namespace walpulse::database
