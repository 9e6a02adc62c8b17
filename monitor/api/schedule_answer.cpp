#include <algorithm>
#include <array>
#include <chrono>
#include <nlohmann/json.hpp>
#include <span>
#include <tuple>
#include <utility>

#include "decoder/base/parts.h"
#include "monitor/api/answers.h"
#include "monitor/reading/label_sets.h"
#include "monitor/reading/schedule_day.h"

namespace walpulse::monitor::api {
namespace {

/// Triggers whose runs of a day are read in one question.
constexpr std::size_t kReadTogether = 50;
/// A page ends with the trigger that reaches so many slots, some 200 bytes each, whatever size of
/// page is asked for: those of one minute or half an hour are many.
constexpr std::size_t kSlotsOfPage = 480;
constexpr std::array<std::string_view, 2> kTriggerStates = {"active", "paused"};
/// Days that have slots anybody may ask for.
constexpr std::chrono::sys_days kFirstDay = std::chrono::year(2000) / 1 / 1;
constexpr std::chrono::sys_days kLastDay = std::chrono::year(2099) / 12 / 31;

using Listed = reading::ListedTrigger;
/// By pipeline and name; the source and the id tell apart what has both in common.
using TriggerPlace = std::tuple<std::string, std::string, std::string, std::int64_t>;
TriggerPlace trigger_place(const Listed& each) {
  return {each.entry->summary->name, each.trigger->name(), each.entry->summary->source,
          each.trigger->trigger->trigger.id};
}

/// A place as the text of a mark: zero bytes are in no name.
PageMark trigger_mark(const Listed& each) {
  const auto [pipeline, name, source, id] = trigger_place(each);
  return {{id},
          Json({pipeline, name, source}).dump(-1, ' ', false, Json::error_handler_t::replace)};
}
std::optional<TriggerPlace> triggers_begin(Parameters& parameters) {
  const auto mark = parameters.page_mark();
  if (!mark) return std::nullopt;
  const Json names = Json::parse(mark->text, nullptr, false);
  const bool whole = names.is_array() && names.size() == 3 &&
                     std::ranges::all_of(names, [](const Json& each) { return each.is_string(); });
  if (mark->numbers.size() != 1 || !whole) {
    parameters.latch(token_expired());
    return std::nullopt;
  }
  return TriggerPlace{names[0].get<std::string>(), names[1].get<std::string>(),
                      names[2].get<std::string>(), mark->numbers[0]};
}

struct TriggersWanted {
  std::optional<std::string> source;
  PipelineFilter pipeline;
  std::vector<std::string> states;
  std::string text;
};

std::vector<Listed> list_triggers(const Scene& scene, const TriggersWanted& wanted) {
  std::vector<Listed> found;
  for (const reading::PipelineEntry& entry : scene.directory.pipelines) {
    const reading::PipelineSummary& summary = *entry.summary;
    if (wanted.source && summary.source != *wanted.source) continue;
    if (wanted.pipeline.source && summary.source != *wanted.pipeline.source) continue;
    if (wanted.pipeline.name && summary.name != *wanted.pipeline.name) continue;
    for (const reading::TriggerSummary& trigger : summary.triggers) {
      const std::string_view state = trigger.active ? "active" : "paused";
      if (!wanted.states.empty() && std::ranges::find(wanted.states, state) == wanted.states.end())
        continue;
      if (!reading::contains_text(trigger.name(), wanted.text) &&
          !reading::contains_text(summary.name, wanted.text))
        continue;
      found.push_back({&entry, &trigger});
    }
  }
  std::ranges::sort(found, {}, trigger_place);
  return found;
}

/// The day by the clocks of the zone; 23 or 25 hours where these change.
reading::Day bounds_of(std::chrono::year_month_day day, const rules::TimeZone& zone) {
  const std::chrono::local_days local(day);
  return {Timestamp(zone.to_utc(local)), Timestamp(zone.to_utc(local + std::chrono::days(1)))};
}

rules::TimeZone zone_of(Parameters& parameters) {
  const auto name = parameters.text("time_zone", 64);
  if (!name) return {};
  auto zone = rules::TimeZone::named(*name);
  if (zone) return *zone;
  parameters.latch(bad_value("time_zone", zone.error().message, "Europe/Lisbon"));
  return {};
}

std::chrono::year_month_day day_of(Parameters& parameters, Timestamp at,
                                   const rules::TimeZone& zone) {
  const auto asked = parameters.day("day");
  if (asked &&
      (std::chrono::sys_days(*asked) < kFirstDay || std::chrono::sys_days(*asked) > kLastDay))
    parameters.latch(bad_value("day", "not within 2000 to 2099", "2026-11-28"));
  if (asked) return *asked;
  return std::chrono::year_month_day(std::chrono::floor<std::chrono::days>(
      zone.to_local(std::chrono::floor<std::chrono::seconds>(at))));
}

Json day_json(const Scene& scene, const reading::TriggerDay& day) {
  const reading::PipelineSummary& summary = *day.entry->summary;
  const KnownTrigger& known = *day.trigger->trigger;
  Json slots = Json::array();
  for (const reading::SlotView& slot : day.slots)
    slots.push_back({{"slot", instant(slot.slot)},
                     {"due_at", instant(slot.due)},
                     {"state", slot.state},
                     {"run", slot.run ? Json(*slot.run) : Json(nullptr)}});
  return {{"id", Links::id(summary.source, known.trigger.id)},
          {"name", text_or_null(day.trigger->name())},
          {"pipeline", pipeline_ref(scene.links, summary.source, summary.name)},
          {"source", summary.source},
          {"interval", text_or_null(known.trigger.schedule_interval.value_or(""))},
          {"expected_count", day.expected},
          {"made_count", day.made},
          {"completed_count", day.completed},
          {"failed_count", day.failed},
          {"missing_count", day.missing},
          {"slots", std::move(slots)},
          {"usual_seconds", seconds_or_null(summary.durations.usual)}};
}

}  // namespace

Answer<Content> triggers(const Scene& scene, Question& question) {
  Parameters& parameters = question.parameters;
  TriggersWanted wanted;
  wanted.source = source_of(scene, parameters);
  wanted.pipeline = pipeline_filter(scene, parameters);
  wanted.states = parameters.choices("state", kTriggerStates);
  wanted.text = text_filter(parameters);
  const std::size_t size = parameters.page_size();
  const auto begin = triggers_begin(parameters);
  if (parameters.error()) return refuse(*parameters.error());
  auto found = list_triggers(scene, wanted);
  const std::size_t total = found.size();
  if (begin)
    std::erase_if(found, [&](const Listed& each) { return trigger_place(each) <= *begin; });
  std::optional<std::string> next;
  if (found.size() > size) {
    found.resize(size);
    next = parameters.page_token(trigger_mark(found.back()));
  }
  Json items = Json::array();
  for (const Listed& each : found)
    items.push_back(json_of(scene.links, *each.trigger, scene.directory));
  Json json = list_head(scene, wanted.source, std::move(items), next);
  json["total"] = total;
  return content_of(json);
}

Answer<Content> schedule(const Scene& scene, Question& question) {
  Parameters& parameters = question.parameters;
  TriggersWanted wanted;
  wanted.source = source_of(scene, parameters);
  wanted.pipeline = pipeline_filter(scene, parameters);
  const rules::TimeZone zone = zone_of(parameters);
  const Timestamp at = as_of(scene, wanted.source).value_or(scene.now);
  const auto day = day_of(parameters, at, zone);
  const std::size_t size = parameters.page_size();
  const auto begin = triggers_begin(parameters);
  if (parameters.error()) return refuse(*parameters.error());
  const reading::Day bounds = bounds_of(day, zone);
  Json items = Json::array();
  std::optional<std::string> next;
  auto listed = list_triggers(scene, wanted);
  if (begin)
    std::erase_if(listed, [&](const Listed& each) { return trigger_place(each) <= *begin; });
  // Triggers without a slot on this day cost as much as those that have one.
  const std::span looked_at(listed.data(), std::min(listed.size(), kPageSizeMax));
  std::size_t slots = 0;
  for (const auto part : parts_of(looked_at, kReadTogether)) {
    if (next) break;
    const auto days = reading::read_day(scene.in, part, *scene.rules.rules, bounds, at);
    for (std::size_t i = 0; i < part.size() && !next; ++i) {
      if (days[i]) {
        items.push_back(day_json(scene, *days[i]));
        slots += days[i]->slots.size();
      }
      const bool is_last = listed.size() >= kPageSizeMax && &part[i] == &looked_at.back();
      if (items.size() == size || slots >= kSlotsOfPage || is_last)
        next = parameters.page_token(trigger_mark(part[i]));
    }
  }
  Json json = list_head(scene, wanted.source, std::move(items), next);
  json["day"] = to_rfc3339(Timestamp(std::chrono::sys_days(day))).substr(0, 10);
  json["time_zone"] = zone.name();
  json["from"] = instant(bounds.from);
  json["to"] = instant(bounds.to);
  return content_of(json);
}

}  // namespace walpulse::monitor::api
