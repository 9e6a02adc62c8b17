#include "monitor/rules/suggestion.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "monitor/rules/glob.h"
#include "monitor/rules/mistake.h"

namespace walpulse::rules {
namespace {

constexpr std::size_t kValuesMin = 2;
constexpr std::size_t kValuesMax = 20;
/// Of the longest that a limit may be.
constexpr Duration kLimitMax = std::chrono::hours(24 * 366);

constexpr std::string_view kHeader =
    R"(# A first rules file, made by `walpulse-monitor rules suggest` from what the ledger has seen.
#
# It changes nothing as it stands: every table is commented out. A limit is a guess, from what was
# usual until now. To go on:
# - where a limit is right, take away the # in front of the lines of its table (prose has a blank
#   behind its #);
# - say who owns a pipeline and what is worth a page: owner, runbook, severity;
# - one table may stand for many pipelines: match = "fin_*", or "fin_{system}_*", which captures;
# - walpulse-monitor rules check FILE names what is wrong; with --ledger also what matches nothing;
# - walpulse-monitor serve --rules FILE reads it, and reads it again when it changes.
time_zone = "UTC"

# who is told of it: one channel needs no more than its table; the secret stands in a file
#[channel.data]
#type = "slack"
#url_file = "/secrets/slack-webhook"
)";

/// Text that Glob::only() lets pass, as a string of TOML.
std::string toml_text(std::string_view text) {
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return quoted + "\"";
}

/// In whole five minutes, of more than an hour in whole hours.
Duration rounded_up(Duration exact) {
  using FiveMinutes = std::chrono::duration<std::int64_t, std::ratio<300>>;
  if (exact <= std::chrono::hours(1)) return std::chrono::ceil<FiveMinutes>(exact);
  return std::chrono::ceil<std::chrono::hours>(exact);
}

std::string counted(std::uint64_t count, const std::string& what) {
  return std::to_string(count) + " " + what + (count == 1 ? "" : "s");
}

/// The lines of one pipeline's table, and what led to them.
class Table {
 public:
  void set(std::string_view key, const std::string& value) {
    lines_ += "#" + std::string(key) + " = " + value + "\n";
  }
  void explain(const std::string& reason) { reasons_ += (reasons_.empty() ? "" : "; ") + reason; }
  bool is_empty() const { return lines_.empty(); }
  std::string text(std::string_view pipeline, const std::string& match) const {
    return "\n# " + in_quotes(pipeline) + ": " + reasons_ + "\n#[[pipeline]]\n" + match + lines_;
  }

 private:
  std::string lines_, reasons_;
};

void suggest_max_duration(const KnownPipeline& known, Table& table) {
  if (!known.usual || known.completed < kRunsToJudge) return;
  const Duration limit = rounded_up(*known.usual * 3);
  if (limit > kLimitMax) return;
  table.explain("nine of ten of its " + counted(known.completed, "completed run") +
                " took at most " + to_string(*known.usual));
  table.set("max_duration", toml_text(to_string(limit)));
}

void suggest_fresh_within(const KnownPipeline& known, Table& table) {
  if (!known.period || *known.period * 2 > kLimitMax) return;
  table.explain("it is due at least every " + to_string(*known.period));
  table.set("fresh_within", toml_text(to_string(*known.period * 2)));
}

bool tells_apart(const KnownPipeline& known, const std::string& label,
                 const std::map<std::string, std::uint64_t>& values) {
  return is_name(label) && label != "pipeline" && !known.crowded_labels.contains(label) &&
         values.size() >= kValuesMin && values.size() <= kValuesMax &&
         std::ranges::all_of(values, [](const auto& each) { return each.second >= kRunsToJudge; });
}

/// The label of most values: of several together, each combination would be judged by itself.
void suggest_per(const KnownPipeline& known, Table& table) {
  std::pair<std::size_t, std::string> chosen;
  for (const auto& [label, values] : known.labels) {
    if (!tells_apart(known, label, values)) continue;
    table.explain("its runs have " + counted(values.size(), "value") + " of " + label);
    if (values.size() > chosen.first) chosen = {values.size(), label};
  }
  if (chosen.first > 0) table.set("per", "[" + toml_text(chosen.second) + "]");
}

/// `key` with the pattern of this name alone; nothing where none can be written.
std::optional<std::string> line_for(std::string_view key, const std::string& name) {
  const auto pattern = Glob::only(name);
  if (!pattern) return std::nullopt;
  return std::string(key) + " = " + toml_text(*pattern) + "\n";
}

/// What makes the table match this pipeline alone; nothing where that cannot be written.
std::optional<std::string> match_lines(const KnownPipeline& known, bool several_sources) {
  const auto pipeline = line_for("#match", known.pipeline);
  const auto source = line_for("#source", known.source);
  if (!pipeline || (several_sources && !source)) return std::nullopt;
  return *pipeline + (several_sources ? *source : "");
}

bool has_several_sources(std::span<const KnownPipeline> pipelines) {
  return std::ranges::any_of(pipelines, [&](const KnownPipeline& each) {
    return each.source != pipelines.front().source;
  });
}

}  // namespace

std::string suggested_rules(std::span<const KnownPipeline> pipelines) {
  if (pipelines.empty()) return "";
  std::string text(kHeader);
  const bool several_sources = has_several_sources(pipelines);
  std::size_t suggested = 0, unclear = 0, unwritten = 0, left_out = 0;
  for (const KnownPipeline& known : pipelines) {
    Table table;
    suggest_max_duration(known, table);
    suggest_fresh_within(known, table);
    suggest_per(known, table);
    const auto match = match_lines(known, several_sources);
    if (table.is_empty()) {
      ++unclear;
    } else if (!match) {
      ++unwritten;
    } else if (suggested == kSuggestedMax) {
      ++left_out;
    } else {
      ++suggested;
      text += table.text(known.pipeline, *match);
    }
  }
  const auto tell = [&](std::size_t count, const std::string& why) {
    if (count > 0) text += "\n# " + counted(count, "pipeline") + " " + why + ".\n";
  };
  tell(unclear, "without a table here: too few completed runs, and no schedule");
  tell(unwritten, "without a table here: no pattern can hold the name");
  tell(left_out, "more without a table here: one table for many is the better way");
  return text;
}

std::optional<std::string> table_with_per(const std::string& source, const std::string& pipeline,
                                          const std::string& label) {
  const auto match = line_for("match", pipeline);
  const auto of_source = line_for("source", source);
  if (!match || !of_source || !is_name(label) || label == "pipeline") return std::nullopt;
  return "[[pipeline]]\n" + *match + *of_source + "per = [" + toml_text(label) + "]";
}

}  // namespace walpulse::rules
