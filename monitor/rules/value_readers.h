#pragma once

#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "decoder/base/result.h"
#include "monitor/rules/policy.h"
#include "monitor/rules/text_template.h"
#include "monitor/rules/toml_document.h"

namespace walpulse::rules {

/// "off": takes away what earlier tables and the defaults said.
struct Off {};
inline constexpr std::string_view kOff = "off";

/// What one key of a table says.
using Value = std::variant<Off, bool, unsigned, Duration, Severity, RunMode, Names, WeeklyTimes,
                           TextTemplate>;

inline constexpr std::string_view kRunModes[] = {"scheduled", "on_demand", "for_ever"};

// Each reads the values of one or several keys. Malformed with what is wrong, in words that follow
// "KEY: ". All but the severity and the switch take "off".

Result<Value> read_severity(const Node& node);
Result<Value> read_run_mode(const Node& node);
Result<Value> read_switch(const Node& node);
Result<Value> read_count(const Node& node);
/// Longer than 0, at most 366d: "500ms", "90s", "15m", "36h", "30d".
Result<Value> read_time_span(const Node& node);
Result<Value> read_done_by(const Node& node);
Result<Value> read_template(const Node& node);
Result<Value> read_runbook(const Node& node);
Result<Value> read_per(const Node& node);
/// Values of a label, none of them twice.
Result<Value> read_each(const Node& node);

/// One line of text.
Result<std::string> read_text(const Node& node);
/// Which of these words it is.
Result<std::size_t> read_choice(const Node& node, std::span<const std::string_view> words);
/// Texts of bounded length, none of them twice.
Result<Names> read_names(const Node& node, std::size_t most);
/// "page, notify or record".
std::string listed(std::span<const std::string_view> words);

/// Whether a value is the text "off".
bool is_off(const Node& node);

/// A text, or a list of texts that is not empty. Malformed otherwise.
Result<std::vector<std::string>> read_texts(const Node& node);

/// What stands where a key takes another kind of value: "a number", "a list".
std::string_view kind_of(const Node& node);

}  // namespace walpulse::rules
