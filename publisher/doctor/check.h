#pragma once

#include <string>
#include <vector>

#include "decoder/base/result.h"

/// What the `doctor` of either program finds, and how it reports it.
namespace walpulse::doctor {

/// One precondition, as it was found.
struct Check {
  enum class Level { ok, warn, fail };
  std::string name;
  Level level = Level::ok;
  std::string finding;
  /// A whole command for a shell, or whole statements for psql; empty where there is nothing to do.
  std::string remedy = {};
  bool restart = false;        ///< The remedy takes effect after a restart of the server.
  std::string as = {};         ///< The role that may run a statement: "a superuser", "mage".
  std::string otherwise = {};  ///< Another command that does, where the finding says so.
};

/// The check that ended in `error`, with its remedy; `otherwise` where the error knows none.
Check failed(const std::string& name, const Error& error, const std::string& otherwise = {});

/// The check of something that is as it should be.
Check ok(const std::string& name, const std::string& finding);

/// "a, b, c", as a finding lists names.
std::string joined(const std::vector<std::string>& names);

}  // namespace walpulse::doctor
