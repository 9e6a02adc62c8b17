#pragma once

#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <tl/expected.hpp>

#include "monitor/rules/rules_file.h"

namespace walpulse::rules {

/// The rules that are in force. Thread-safe.
class RuleBook {
 public:
  struct InForce {
    std::shared_ptr<const Rules> rules;  ///< Never null. Stays as it is, whatever comes later.
    std::string hash;                    ///< content_hash() of the files; empty: no file, defaults.
  };

  /// What looking at the files again came to.
  enum class Look {
    same,      ///< They are as they were at the last look.
    changing,  ///< They are not, and may be half written: look again soon.
    taken,     ///< Other rules are in force.
    broken,    ///< They are others, and not in order: what was in force stays so. See mistakes().
    restored,  ///< They were not in order, and are again what is in force.
  };
  /// Whether files that are others are taken at once, or when two looks in a row see the same.
  enum class Patience { none, until_they_stay };

  /// No file: every pipeline has the defaults, for ever.
  RuleBook();
  /// With the rules of a file or folder, as load_rules() reads it. Refused where they are not in
  /// order (rules_in_order()).
  static tl::expected<std::unique_ptr<RuleBook>, Mistakes> open(std::filesystem::path path);

  InForce in_force() const;

  /// Looks at the files again, and takes what is in order. What is broken is told once, however
  /// often it is looked at.
  Look look(Patience patience);

  /// What is wrong with the files as they were last read; empty where they are in force.
  Mistakes mistakes() const;

  /// Empty where there is no file.
  const std::filesystem::path& path() const { return path_; }

 private:
  RuleBook(std::filesystem::path path, std::string seen, LoadedRules loaded);

  const std::filesystem::path path_;

  std::mutex looking_;   ///< Of one look at a time.
  std::string seen_;     ///< The files that were last judged, ...
  std::string forming_;  ///< ... and others, seen at the last look; empty: none.

  mutable std::mutex mutex_;
  InForce in_force_;
  Mistakes mistakes_;
};

}  // namespace walpulse::rules
