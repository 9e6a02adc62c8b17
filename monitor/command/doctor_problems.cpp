#include "monitor/command/doctor_problems.h"

#include <algorithm>
#include <string>

#include "monitor/rules/rules_file.h"
#include "monitor/rules/suggestion.h"
#include "monitor/service/ledger_opening.h"

namespace walpulse::monitor {
namespace {

constexpr std::size_t kNamed = 5;

/// Names are whatever people gave: none moves the terminal's cursor, or ends a line.
std::string in_line(std::string name) {
  std::ranges::replace_if(
      name, [](unsigned char c) { return c < ' ' || c == 0x7F; }, '?');
  return name;
}

/// Of the first for which there are such lines.
std::string remedy_for(const std::vector<MixedEnds>& found) {
  for (const MixedEnds& mixed : found)
    if (const auto table = rules::table_with_per(mixed.source, mixed.pipeline, mixed.label))
      return "tell them apart in the rules file:\n" + *table;
  return "no rule can hold these names: give the pipelines, sources or labels others";
}

}  // namespace

std::vector<doctor::Check> check_mixed_ends(const std::vector<MixedEnds>& found) {
  if (found.empty()) return {};
  std::string finding = "ends alternate by label, which hides the one that fails:";
  for (std::size_t i = 0; i < found.size() && i < kNamed; ++i) {
    const MixedEnds& mixed = found[i];
    finding.append(i == 0 ? " " : "; ").append(in_line(mixed.pipeline)).append(" failed ");
    finding.append(std::to_string(mixed.failures)).append(" times in a row for ");
    finding.append(in_line(mixed.label))
        .append("=")
        .append(in_line(mixed.failing))
        .append(", not for ");
    finding.append(in_line(mixed.succeeding));
  }
  if (found.size() > kNamed) finding += "; and " + std::to_string(found.size() - kNamed) + " more";
  return {{"problems", doctor::Check::Level::warn, std::move(finding), remedy_for(found)}};
}

std::vector<doctor::Check> check_mixed_ends(const ServeOptions& options) {
  const auto ledger = read_ledger(options);
  if (!ledger) return {};
  rules::Rules rules;
  if (!options.rules_path.empty()) {
    auto loaded = rules::load_rules(options.rules_path);
    if (!loaded) return {};  // said elsewhere
    rules = std::move(loaded->rules);
  }
  std::vector<MixedEnds> found;
  const auto looked = (*ledger)->look(
      [&](Transaction& in, const Context& context) { found = mixed_ends(in, context, rules); });
  if (!looked) return {};
  return check_mixed_ends(found);
}

}  // namespace walpulse::monitor
