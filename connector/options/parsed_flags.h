#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "connector/options/options.h"

namespace walpulse::connector {

/// The command line, split into settings but not yet understood.
struct ParsedFlags {
  Command command = Command::run;
  std::map<std::string, std::vector<std::string>> texts;  ///< By key; as often as given.
  std::set<std::string> switches;
  std::string config;  ///< --config; empty where not given.
};

/// Lays the flags over the environment, that over the configuration file, and understands the lot.
CommandLine merge_sources(const ParsedFlags& flags, const OptionSources& sources);

}  // namespace walpulse::connector
