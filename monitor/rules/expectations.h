#pragma once

#include <string>
#include <vector>

#include "monitor/rules/rules.h"
#include "monitor/rules/rules_file.h"

namespace walpulse::rules {

/// What an [[expect]] asked for, and did not get.
struct Disappointment {
  Place place;  ///< Of the [[expect]]'s key.
  std::string pipeline;
  std::string key;
  std::string expected, got;
  Place got_from;
};

/// Holds every [[expect]] against the rules; empty where all hold.
std::vector<Disappointment> disappointments(const Rules& rules);

/// "rules.toml:9: [[expect]] 'fin_sap_gl': severity is notify (default), expected page".
Mistake mistake_of(const Rules& rules, const Disappointment& disappointment);

/// The rules, where they have no mistake and every [[expect]] holds: what `rules check` lets pass,
/// and what may come into force.
tl::expected<LoadedRules, Mistakes> rules_in_order(const RulesFiles& files);

}  // namespace walpulse::rules
