#pragma once

#include <filesystem>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "monitor/rules/rules.h"

namespace walpulse::rules {

/// The files as they were read, in their order, and why others were not.
struct RulesFiles {
  std::vector<RulesText> texts;
  std::vector<BodyText> bodies;  ///< Every body_file of the texts, also what could not be read.
  Mistakes mistakes;
};

struct LoadedRules {
  Rules rules;
  std::string hash;  ///< content_hash() of the files: whether a later reading is another.
};

/// Reads a rules file, or the *.toml of a folder in the order of their names, each followed by the
/// files that it includes, and every body_file that they name. Names that begin with a dot are
/// passed over.
///
/// Symbolic links are followed as far as they stay in the folder, which is how Kubernetes mounts a
/// ConfigMap and git-sync a repository; what lies outside of it is not read, so that nobody who may
/// write a rules file reads others through its mistakes. Nor is what is not a regular file: a pipe
/// would be waited for. What cannot be read is a mistake as any other.
RulesFiles read_files(const std::filesystem::path& path);

/// The rules that they are; every mistake of files and rules where there is one. Pure, but for what
/// read_rules() asks of the machine.
tl::expected<LoadedRules, Mistakes> rules_in(const RulesFiles& files);

/// Both at once.
tl::expected<LoadedRules, Mistakes> load_rules(const std::filesystem::path& path);

}  // namespace walpulse::rules
