#include "monitor/notify/problem_log.h"

#include <algorithm>
#include <chrono>
#include <map>
#include <nlohmann/json.hpp>
#include <utility>

#include "decoder/base/json_dom.h"
#include "monitor/notify/mage_link.h"
#include "publisher/telemetry/log.h"

namespace walpulse::monitor {
namespace {

const char* log_severity(Severity severity) {
  switch (severity) {
    case Severity::page:
      return "ERROR";
    case Severity::notify:
      return "WARNING";
    case Severity::record:
      return "INFO";
  }
  return "WARNING";
}

const std::string* said(const Evidence& evidence, std::string_view name) {
  const auto found = std::ranges::find(
      evidence, name, [](const auto& each) { return std::string_view(each.first); });
  return found == evidence.end() ? nullptr : &found->second;
}

std::string words_of(const Evidence& evidence) {
  std::string words;
  for (const auto& [name, value] : evidence) {
    const bool quoted = value.find(' ') != std::string::npos;
    words.append(" ").append(name).append(quoted ? "=\"" : "=").append(value);
    if (quoted) words += '"';
  }
  return words;
}

double seconds(Timestamp from, Timestamp until) {
  return std::chrono::duration<double>(until - from).count();
}

}  // namespace

AlertLine problem_line(const Problem& problem, const std::string& mage_url,
                       const std::string& muted_by) {
  const Finding& finding = problem.finding;
  const ProblemKey& key = finding.key;
  const std::string title(title_of(key.kind));
  AlertLine line;
  const bool tells = !problem.closed && muted_by.empty();
  line.severity = tells ? log_severity(finding.severity) : "INFO";
  line.message = title + (problem.closed ? " is over: " : ": ") + subject_of(key) +
                 " since=" + to_rfc3339(finding.since);
  if (problem.closed) line.message += " until=" + to_rfc3339(*problem.closed);
  line.message += words_of(finding.evidence);
  if (!muted_by.empty()) line.message += " muted_by=" + muted_by;

  nlohmann::ordered_json fields;
  fields["event"] = problem.closed ? "problem_closed" : "problem_opened";
  fields["problem"] = problem.id;
  fields["kind"] = name_of(key.kind);
  fields["problem_severity"] = name_of(finding.severity);
  fields["source"] = key.source;
  fields["subject"] = key.subject;
  if (!key.instance.empty()) fields["instance"] = key.instance;
  fields["since"] = to_rfc3339(finding.since);
  fields["opened"] = to_rfc3339(problem.opened);
  if (problem.closed) {
    fields["closed"] = to_rfc3339(*problem.closed);
    fields["duration_s"] = seconds(finding.since, *problem.closed);
  }
  if (!muted_by.empty()) fields["muted_by"] = muted_by;
  nlohmann::ordered_json evidence = nlohmann::ordered_json::object();
  for (const auto& [name, value] : finding.evidence) evidence[name] = value;
  fields["evidence"] = std::move(evidence);
  const std::string* run = said(finding.evidence, "run");
  const std::string* pipeline = said(finding.evidence, "pipeline");
  if (run != nullptr && !mage_url.empty())
    fields["link"] = run_link(mage_url, pipeline != nullptr ? *pipeline : key.subject, *run);
  line.fields = dump_json_members(fields);
  line.group = "problem_" + std::string(name_of(key.kind)) + ' ' + subject_of(key);
  return line;
}

AlertLine unmuted_line(const EndedMute& mute) {
  AlertLine line;
  line.severity = mute.open.empty() ? "INFO" : "WARNING";
  line.message = (mute.ran_out ? "a mute ran out: " : "a mute ended as its problem did: ") +
                 mute.of + " mute=" + std::to_string(mute.id) +
                 " open=" + std::to_string(mute.open.size());
  nlohmann::ordered_json fields;
  fields["event"] = "mute_ended";
  fields["mute"] = mute.id;
  fields["of"] = mute.of;
  fields["reason"] = mute.reason;
  fields["created_by"] = mute.created_by;
  fields["ended_by"] = mute.ran_out ? "ran out" : "recovered";
  fields["problems"] = nlohmann::ordered_json::array();
  for (const Problem& problem : mute.open) fields["problems"].push_back(problem.id);
  line.fields = dump_json_members(fields);
  line.group = "mute_ended " + mute.of;
  return line;
}

AlertLine first_look_line(const ProblemNews& news) {
  std::map<ProblemKind, std::size_t> kinds;
  for (const Problem& problem : news.found) ++kinds[problem.finding.key.kind];
  AlertLine line{"WARNING", "", "", "problems_found"};
  nlohmann::ordered_json fields;
  fields["event"] = "problems_found";
  fields["count"] = news.found.size();
  std::string list;
  nlohmann::ordered_json by_kind = nlohmann::ordered_json::object();
  for (const auto& [kind, count] : kinds) {
    by_kind[std::string(name_of(kind))] = count;
    list.append(list.empty() ? "" : ", ").append(title_of(kind)).append(" ");
    list += std::to_string(count);
  }
  fields["kinds"] = std::move(by_kind);
  line.message = "problems that were there before walpulse looked: " + list +
                 "; walpulse-monitor problems lists them";
  line.fields = dump_json_members(fields);
  return line;
}

AlertLine watched_line(const std::string& source) {
  AlertLine line{"INFO", "problems of this source are told from now on source=" + source, "",
                 "source_watched"};
  nlohmann::ordered_json fields;
  fields["event"] = "source_watched";
  fields["source"] = source;
  line.fields = dump_json_members(fields);
  return line;
}

void log_problems(const ProblemNews& news, const std::string& mage_url) {
  const auto log = [](const AlertLine& line) {
    telemetry::log_structured(line.severity, line.message, line.fields, line.group);
  };
  for (const std::string& source : news.looked) log(watched_line(source));
  if (!news.found.empty()) log(first_look_line(news));
  for (const auto* problems : {&news.opened, &news.closed}) {
    for (const Problem& problem : *problems) {
      const auto muted = news.muted.find(problem.id);
      log(problem_line(problem, mage_url, muted == news.muted.end() ? "" : muted->second));
    }
  }
  for (const EndedMute& mute : news.unmuted) log(unmuted_line(mute));
}

}  // namespace walpulse::monitor
