#include "monitor/rules/after.h"

#include <algorithm>

#include "monitor/rules/placeholders.h"

namespace walpulse::rules {
namespace {

constexpr std::string_view kDefaultBody = R"({
  "pipeline": "{pipeline}", "run": "{run}", "status": "{status}", "nth": "{nth}",
  "source": "{source}", "trigger": "{trigger}", "trigger_id": "{trigger_id}",
  "labels": "{labels}", "ended_at": "{ended_at}", "seconds": "{seconds}", "key": "{key}"
})";

std::string in_small_letters(std::string_view text) {
  std::string small(text);
  for (char& c : small) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  }
  return small;
}

BodyValue text_or_null(const std::string& text) {
  return text.empty() ? BodyValue() : BodyValue(text);
}
template <class T>
BodyValue value_or_null(const std::optional<T>& value) {
  return value ? BodyValue(*value) : BodyValue();
}

}  // namespace

const BodyTemplate& default_body() {
  static const BodyTemplate body = BodyTemplate::read(kDefaultBody).value();
  return body;
}

std::string to_string(const Rate& rate) {
  const std::string_view per = rate.per == std::chrono::minutes(1) ? "minute"
                               : rate.per == std::chrono::hours(1) ? "hour"
                                                                   : "day";
  return std::to_string(rate.count) + " per " + std::string(per);
}

std::vector<const AfterRule*> afters_of(const Rules& rules, const Subject& subject,
                                        std::string_view status) {
  std::vector<const AfterRule*> found;
  const std::string end = in_small_letters(status);
  Captures captures;
  for (const std::size_t i : rules.after_index.candidates(subject.pipeline)) {
    const AfterRule& after = rules.afters[i];
    captures.clear();
    if (std::ranges::count(after.is, end) == 0 || !after.about.matches(subject, captures)) continue;
    found.push_back(&after);
  }
  return found;
}

BodyValues values_of(const Rules& rules, const AfterRule& after, const Subject& subject,
                     const RunEnd& end) {
  BodyValues values;
  for (const auto& [label, value] : subject.labels) {
    values["label." + label] = value;
    values[label] = value;
  }
  Captures captures;
  after.about.matches(subject, captures);
  for (const auto& [name, value] : captures) values[std::string(name)] = std::string(value);
  const Policy policy = policy_of(rules, subject);
  values["pipeline"] = subject.pipeline;
  values["source"] = value_or_null(subject.source);
  values["trigger"] = value_or_null(subject.trigger);
  values["labels"] = subject.labels;
  values["team"] = text_or_null(policy.team.value);
  values["owner"] = text_or_null(policy.owner.value);
  values["run"] = end.run;
  values["status"] = end.status;
  values["nth"] = std::int64_t{end.nth};
  values["ended_at"] = to_rfc3339(end.ended);
  values["trigger_id"] = value_or_null(end.trigger);
  values["seconds"] = value_or_null(end.seconds);
  values["block"] = text_or_null(end.block);
  values["error"] = text_or_null(end.error);
  values["traceparent"] = text_or_null(end.traceparent);
  values["key"] = text_or_null(end.key);
  return values;
}

}  // namespace walpulse::rules
