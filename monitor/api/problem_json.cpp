#include <nlohmann/json.hpp>

#include "monitor/api/api_json.h"

namespace walpulse::monitor::api {
namespace {

constexpr std::size_t kEndsBesideProblem = 20;

Json mute_ref(const std::optional<Mute>& mute) {
  if (!mute) return nullptr;
  return {{"id", std::to_string(mute->id)},
          {"until", instant(mute->until)},
          {"until_recovered", !mute->until.has_value()},
          {"reason", mute->reason},
          {"created_by", mute->created_by}};
}

Json place_json(const reading::ToldPlace& place) {
  return {{"channel", place.channel},
          {"type", place.type.empty() ? Json(nullptr) : Json(place.type)},
          {"place", text_or_null(place.target)},
          {"state", place.state},
          {"sent_at", instant(place.sent)},
          {"due_at", instant(place.due)}};
}

Json mage_page(const Links& links, const reading::ProblemView& view) {
  if (view.pipeline.empty()) return links.mage();
  return view.run ? links.mage_run(view.pipeline, *view.run) : links.mage_pipeline(view.pipeline);
}

std::string evidence(const Finding& finding, std::string_view name) {
  for (const auto& [key, value] : finding.evidence)
    if (key == name) return value;
  return "";
}

}  // namespace

Json json_of(const Links& links, const reading::ProblemView& view) {
  const Finding& finding = view.problem.finding;
  const std::string& source = finding.key.source;
  const std::string id = Links::id(source, view.problem.id);
  const reading::PipelineSummary* summary =
      view.entry == nullptr ? nullptr : view.entry->summary.get();
  const reading::TriggerSummary* next = summary == nullptr ? nullptr : summary->next_due();
  Json shown = Json::object();
  for (const auto& [name, value] : finding.evidence) shown[name] = value;
  Json told_to = Json::array();
  for (const reading::ToldPlace& place : view.told_to) told_to.push_back(place_json(place));
  return {{"id", id},
          {"url", Links::url("problems", id)},
          {"mage_url", mage_page(links, view)},
          {"kind", name_of(finding.key.kind)},
          {"title", title_of(finding.key.kind)},
          {"severity", name_of(finding.severity)},
          {"state", view.state()},
          {"source", source},
          {"subject", subject_of(finding.key)},
          {"pipeline",
           view.pipeline.empty() ? Json(nullptr) : pipeline_ref(links, source, view.pipeline)},
          {"labels", labels_json(view.labels)},
          {"trigger", trigger_ref(source, view.trigger, view.trigger_name)},
          {"team", text_or_null(evidence(finding, "team"))},
          {"owner", text_or_null(evidence(finding, "owner"))},
          {"runbook", text_or_null(evidence(finding, "runbook"))},
          {"since", instant(finding.since)},
          {"opened_at", instant(view.problem.opened)},
          {"closed_at", instant(view.problem.closed)},
          {"told", view.problem.told},
          {"told_to", std::move(told_to)},
          {"at_first", view.at_first},
          {"under", view.under ? Json(Links::id(source, *view.under)) : Json(nullptr)},
          {"evidence", std::move(shown)},
          {"run", view.run ? Json(*view.run) : Json(nullptr)},
          {"failed_in_a_row", view.failed_in_a_row ? Json(*view.failed_in_a_row) : Json(nullptr)},
          {"cause", view.failure ? json_of(*view.failure) : Json(nullptr)},
          {"same_cause", view.same_cause ? Json(*view.same_cause) : Json(nullptr)},
          {"same_cause_since", instant(view.same_cause_since)},
          {"last_ends", end_marks(view.last_ends(), kEndsBesideProblem)},
          {"last_success_at", instant(view.last_success())},
          {"next_due_at", next == nullptr ? Json(nullptr) : instant(next->next->due)},
          {"usual_seconds",
           summary == nullptr ? Json(nullptr) : seconds_or_null(summary->durations.usual)},
          {"nine_of_ten_seconds",
           summary == nullptr ? Json(nullptr) : seconds_or_null(summary->durations.nine_of_ten)},
          {"mute", mute_ref(view.mute)}};
}

}  // namespace walpulse::monitor::api
