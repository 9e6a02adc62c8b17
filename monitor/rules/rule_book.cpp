#include "monitor/rules/rule_book.h"

#include <utility>

#include "monitor/rules/content_hash.h"
#include "monitor/rules/expectations.h"

namespace walpulse::rules {
namespace {

/// The same where the files are, and where the same ones cannot be read.
std::string identity_of(const RulesFiles& files) {
  std::string identity = content_hash(files.texts, files.bodies);
  for (const Mistake& mistake : files.mistakes) identity += "\n" + to_string(mistake);
  return identity;
}

RuleBook::InForce in_force_of(LoadedRules loaded) {
  return {std::make_shared<const Rules>(std::move(loaded.rules)), std::move(loaded.hash)};
}

}  // namespace

RuleBook::RuleBook() : RuleBook({}, {}, {}) {}

RuleBook::RuleBook(std::filesystem::path path, std::string seen, LoadedRules loaded)
    : path_(std::move(path)), seen_(std::move(seen)), in_force_(in_force_of(std::move(loaded))) {}

tl::expected<std::unique_ptr<RuleBook>, Mistakes> RuleBook::open(std::filesystem::path path) {
  const RulesFiles files = read_files(path);
  auto loaded = rules_in_order(files);
  if (!loaded) return tl::unexpected(std::move(loaded).error());
  return std::unique_ptr<RuleBook>(
      new RuleBook(std::move(path), identity_of(files), *std::move(loaded)));
}

RuleBook::InForce RuleBook::in_force() const {
  const std::lock_guard lock(mutex_);
  return in_force_;
}

Mistakes RuleBook::mistakes() const {
  const std::lock_guard lock(mutex_);
  return mistakes_;
}

RuleBook::Look RuleBook::look(Patience patience) {
  if (path_.empty()) return Look::same;
  const std::lock_guard looking(looking_);
  const RulesFiles files = read_files(path_);
  std::string identity = identity_of(files);
  const bool stayed = identity == forming_;
  forming_.clear();
  if (identity == seen_) return Look::same;
  if (patience == Patience::until_they_stay && !stayed) {
    forming_ = std::move(identity);
    return Look::changing;
  }
  seen_ = std::move(identity);
  auto loaded = rules_in_order(files);
  const std::lock_guard lock(mutex_);
  if (!loaded) {
    mistakes_ = std::move(loaded).error();
    return Look::broken;
  }
  mistakes_.clear();
  if (loaded->hash == in_force_.hash) return Look::restored;
  in_force_ = in_force_of(*std::move(loaded));
  return Look::taken;
}

}  // namespace walpulse::rules
