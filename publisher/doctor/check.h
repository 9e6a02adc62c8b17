#pragma once

#include <string>

#include "decoder/base/result.h"

/// What the `doctor` of either program finds, and how it reports it.
namespace walpulse::doctor {

/// One precondition, as it was found.
struct Check {
  enum class Level { ok, warn, fail };
  std::string name;
  Level level = Level::ok;
  std::string finding;
  std::string remedy = {};  ///< What to run or to write; empty where nothing is to be done.
  bool restart = false;     ///< The remedy takes effect after a restart of the server.
};

/// The check that ended in `error`, with its remedy; `otherwise` where the error knows none.
Check failed(const std::string& name, const Error& error, const std::string& otherwise = {});

}  // namespace walpulse::doctor
