#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "connector/options/options.h"

namespace walpulse::connector {

/// The options in force that a remedy's command repeats.
struct GivenOptions {
  SourceOptions source = {};
  ReplayWindow window = {};
  std::string to = {};
  std::string push_audience = {};
  bool cloud_sql_iam = false;
};
GivenOptions given_options(const Invocation& invocation);

/// A command of this program for a person to paste: the options in force that this command has and
/// that are not the defaults, quoted for a shell, never a password. Pure.
class RemedyCommand {
 public:
  RemedyCommand(Command command, const GivenOptions& given);
  /// This value in place of the one in force.
  RemedyCommand& with(std::string_view option, std::string value);
  /// The owner's connection where the command has one: --admin-dsn as given, else `role` at the
  /// place of --dsn.
  RemedyCommand& as_owner(const std::string& role, const std::string& database);
  /// Likewise, whatever --admin-dsn said.
  RemedyCommand& as_owner_only(const std::string& role, const std::string& database);
  std::string text() const;

 private:
  std::string name_;
  GivenOptions given_;
  std::vector<std::pair<std::string, std::string>> options_;
  bool no_blocks_ = false;
};

/// --dsn for people, with `role` in place of the capture role where one is named.
std::string place_of(const GivenOptions& given, const std::string& database,
                     const std::string& role = {});

/// What makes the capture role and all it needs: the script, and psql as an administrator.
std::string script_command(const GivenOptions& given);

/// Who captures: the role of --dsn, else `walpulse`.
std::string capture_role(const SourceOptions& source);

}  // namespace walpulse::connector
