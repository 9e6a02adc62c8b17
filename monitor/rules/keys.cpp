#include "monitor/rules/keys.h"

#include <algorithm>
#include <array>
#include <optional>

namespace walpulse::rules {
namespace {

std::string shown(const std::string& text) { return text.empty() ? std::string(kOff) : text; }
std::string shown(bool on) { return on ? "true" : "false"; }
std::string shown(unsigned count) { return std::to_string(count); }
std::string shown(Duration duration) { return to_string(duration); }
std::string shown(const WeeklyTimes& times) { return to_string(times); }
std::string shown(Severity severity) { return std::string(monitor::name_of(severity)); }
std::string shown(RunMode mode) { return std::string(kRunModes[static_cast<std::size_t>(mode)]); }
std::string shown(const Names& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return shown(text);
}
template <class T>
std::string shown(const std::optional<T>& watch) {
  return watch ? shown(*watch) : std::string(kOff);
}

// What was read for a key is what its member takes, or Off.
void put(const Value& value, const Captures& captures, std::string& into) {
  const auto* text = std::get_if<TextTemplate>(&value);
  into = text == nullptr ? "" : text->filled(captures);
}
void put(const Value& value, const Captures&, Names& into) {
  const auto* names = std::get_if<Names>(&value);
  into = names == nullptr ? Names() : *names;
}
template <class T>
void put(const Value& value, const Captures&, std::optional<T>& into) {
  const auto* given = std::get_if<T>(&value);
  into = given == nullptr ? std::nullopt : std::optional<T>(*given);
}
void put(const Value& value, const Captures&, Severity& into) {
  if (const auto* given = std::get_if<Severity>(&value)) into = *given;
}
void put(const Value& value, const Captures&, bool& into) {
  if (const auto* given = std::get_if<bool>(&value)) into = *given;
}

template <auto member>
void apply_to(const Value& value, const std::string&, const Captures& captures, Place place,
              Policy& policy) {
  put(value, captures, (policy.*member).value);
  (policy.*member).place = place;
}

template <auto member, const std::string_view& name>
void show_member(const Policy& policy, std::vector<PolicyRow>& rows) {
  const auto& [value, place] = policy.*member;
  rows.push_back({std::string(name), shown(value), place});
}

void apply_each(const Value& value, const std::string& label, const Captures& captures, Place place,
                Policy& policy) {
  if (label.empty()) {
    policy.expect_each.clear();  // expect_each = "off"
  } else {
    auto& names = policy.expect_each[label];
    put(value, captures, names.value);
    names.place = place;
    if (names.value.empty()) policy.expect_each.erase(label);
  }
}

constexpr std::string_view kExpectEach = "expect_each";

void show_each(const Policy& policy, std::vector<PolicyRow>& rows) {
  for (const auto& [label, names] : policy.expect_each) {
    rows.push_back({std::string(kExpectEach) + "." + label, shown(names.value), names.place});
  }
}

constexpr std::array<MatchKey, 4> kMatchKeys = {{{"match", R"(match = "fin_*")"},
                                                 {"source", R"(source = "mage")"},
                                                 {"trigger", R"(trigger = "nightly_*")"},
                                                 {"label", R"(label.partner = "acme")"}}};
using Reader = Result<Value> (*)(const Node&);

template <auto member, const std::string_view& name>
constexpr Key key(std::string_view example, Reader read) {
  return {name, example, read, apply_to<member>, show_member<member, name>};
}

constexpr std::string_view kTeam = "team", kOwner = "owner", kRunbook = "runbook",
                           kSeverity = "severity", kPer = "per", kRuns = "runs",
                           kFailAfter = "fail_after", kStartWithin = "start_within",
                           kWaiting = "waiting", kMaxDuration = "max_duration",
                           kDownFor = "down_for", kDoneBy = "done_by",
                           kFreshWithin = "fresh_within", kIgnore = "ignore";

constexpr Key kKeys[] = {
    key<&Policy::team, kTeam>(R"(team = "finance")", read_template),
    key<&Policy::owner, kOwner>(R"(owner = "fin-data@example.com")", read_template),
    key<&Policy::runbook, kRunbook>(R"(runbook = "https://wiki.example.com/{pipeline}")",
                                    read_runbook),
    key<&Policy::severity, kSeverity>(R"(severity = "page")", read_severity),
    key<&Policy::per, kPer>(R"(per = ["partner"])", read_per),
    key<&Policy::runs, kRuns>(R"(runs = "scheduled")", read_run_mode),
    key<&Policy::fail_after, kFailAfter>("fail_after = 2", read_count),
    key<&Policy::start_within, kStartWithin>(R"(start_within = "5m")", read_time_span),
    key<&Policy::waiting, kWaiting>(R"(waiting = "15m")", read_time_span),
    key<&Policy::max_duration, kMaxDuration>(R"(max_duration = "2h")", read_time_span),
    key<&Policy::down_for, kDownFor>(R"(down_for = "5m")", read_time_span),
    key<&Policy::done_by, kDoneBy>(R"(done_by = "Mon-Fri 07:00")", read_done_by),
    key<&Policy::fresh_within, kFreshWithin>(R"(fresh_within = "26h")", read_time_span),
    {kExpectEach, R"(expect_each.partner = ["acme", "globex"])", read_each, apply_each, show_each,
     true},
    key<&Policy::ignore, kIgnore>("ignore = true", read_switch),
};

}  // namespace

std::span<const Key> keys() { return kKeys; }

const Key* find_key(std::string_view name) {
  const auto* found = std::ranges::find(kKeys, name, &Key::name);
  return found == std::end(kKeys) ? nullptr : found;
}

std::span<const MatchKey> match_keys() { return kMatchKeys; }

const MatchKey* find_match_key(std::string_view name) {
  const auto* found = std::ranges::find(kMatchKeys, name, &MatchKey::name);
  return found == kMatchKeys.end() ? nullptr : found;
}

std::string_view example_of(std::string_view name) {
  if (name == "to") return R"(to = ["data"])";
  if (name == "when") return R"(when = "failing")";
  if (name == "pipeline") return R"(pipeline = "fin_sap_gl")";
  if (const MatchKey* key = find_match_key(name)) return key->example;
  const Key* key = find_key(name);
  return key == nullptr ? R"(severity = "page")" : key->example;
}

}  // namespace walpulse::rules
