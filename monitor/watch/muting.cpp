#include "monitor/watch/muting.h"

#include <algorithm>

#include "monitor/rules/glob.h"

namespace walpulse::monitor {
namespace {

const std::string* said_of(const Finding& finding, std::string_view name) {
  for (const auto& [key, value] : finding.evidence)
    if (key == name) return &value;
  return nullptr;
}

}  // namespace

const std::string& pipeline_of(const Finding& finding) {
  // Of one whose failures are told apart by labels the subject has these behind the name.
  const std::string* named = said_of(finding, "pipeline");
  return named != nullptr && !finding.key.subject.empty() ? *named : finding.key.subject;
}

bool is_for(const Mute& mute, const Problem& problem) {
  if (mute.problem) return *mute.problem == problem.id;
  const Finding& finding = problem.finding;
  if (!mute.source.empty() && mute.source != finding.key.source) return false;
  const std::string& pipeline = pipeline_of(finding);
  const auto glob = rules::Glob::read(mute.pipeline);
  if (pipeline.empty() || !glob || !glob->matches(pipeline)) return false;
  return std::ranges::all_of(mute.labels, [&](const auto& wanted) {
    const std::string* value = said_of(finding, "label." + wanted.first);
    return value != nullptr && *value == wanted.second;
  });
}

const Mute* muted_by(const Problem& problem, std::span<const Mute> in_force) {
  const auto found =
      std::ranges::find_if(in_force, [&](const Mute& each) { return is_for(each, problem); });
  return found == in_force.end() ? nullptr : &*found;
}

std::optional<Mute> lifted(const Mute& mute, const std::string& by, Timestamp now) {
  if (mute.ended || (mute.until && *mute.until <= now)) return std::nullopt;
  Mute ended = mute;
  ended.ended = now;
  ended.ended_by = by;
  return ended;
}

std::optional<MuteEnd> end_of(const Mute& mute, Timestamp now, std::span<const Problem> open) {
  if (mute.until && *mute.until <= now) return MuteEnd{*mute.until, kRanOut};
  if (mute.until && !mute.problem) return std::nullopt;
  const bool is_open =
      std::ranges::any_of(open, [&](const auto& each) { return is_for(mute, each); });
  if (is_open) return std::nullopt;
  return MuteEnd{now, kRecovered};
}

}  // namespace walpulse::monitor
