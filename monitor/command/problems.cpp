#include "monitor/command/problems.h"

#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <tuple>

#include "decoder/base/clock.h"
#include "decoder/base/json_dom.h"
#include "decoder/base/one_line.h"
#include "monitor/command/below_causes.h"
#include "monitor/command/refuse.h"
#include "monitor/command/terminal.h"
#include "monitor/service/ledger_opening.h"
#include "monitor/watch/muting.h"

namespace walpulse::monitor {
namespace {

/// Of --all.
constexpr std::size_t kClosedShown = 100;
constexpr std::size_t kSlotsShown = 50;

/// "6 h 12 min", "45 s": the two greatest units.
std::string ago(Timestamp from, Timestamp now) {
  using namespace std::chrono;
  const auto passed = std::max(floor<seconds>(now - from), seconds(0));
  const auto two = [](auto greater, const char* name, auto lesser, const char* lesser_name) {
    std::string text = std::to_string(greater.count()) + ' ' + name;
    if (lesser.count() > 0) text += ' ' + std::to_string(lesser.count()) + ' ' + lesser_name;
    return text;
  };
  if (passed >= days(1)) return two(floor<days>(passed), "d", floor<hours>(passed % days(1)), "h");
  if (passed >= hours(1))
    return two(floor<hours>(passed), "h", floor<minutes>(passed % hours(1)), "min");
  if (passed >= minutes(1)) return std::to_string(floor<minutes>(passed).count()) + " min";
  return std::to_string(passed.count()) + " s";
}

std::string evidence_of(const Finding& finding) {
  std::string text;
  for (const auto& [name, value] : finding.evidence)
    text.append(text.empty() ? "" : "  ").append(name).append("=").append(value);
  return one_line(text);
}

/// The mute that holds for it now; null where none does.
const Mute* mute_for(const Problem& problem, const KnownProblems& known) {
  return problem.closed ? nullptr : muted_by(problem, known.mutes);
}

std::string muted_text(const Mute& mute) {
  return "muted " + (mute.until ? "until " + to_the_second(*mute.until) : "until it is over") +
         ", " + one_line(mute.created_by + ": " + mute.reason) + " (mute " +
         std::to_string(mute.id) + ")";
}

void append_problem(std::string& out, const Problem& problem, const Mute* mute, Timestamp now,
                    bool below) {
  const Finding& finding = problem.finding;
  const std::string indent = below ? "    " : "";
  out.append(indent).append(title_of(finding.key.kind)).append(": ");
  out.append(one_line(subject_of(finding.key)));
  if (!finding.key.subject.empty())
    out.append(" (").append(one_line(finding.key.source)).append(")");
  out += ", ";
  if (problem.closed) {
    out.append("over since ").append(to_the_second(*problem.closed)).append(", had lasted ");
    out.append(ago(finding.since, *problem.closed)).append("\n");
  } else {
    out.append("since ").append(to_the_second(finding.since)).append(" (");
    out.append(ago(finding.since, now)).append(")");
    out.append(finding.severity == Severity::notify ? "" : ", ");
    if (finding.severity != Severity::notify) out.append(name_of(finding.severity));
    out += '\n';
  }
  const std::string evidence = evidence_of(finding);
  if (!evidence.empty()) out.append(indent).append("    ").append(evidence).append("\n");
  if (mute != nullptr) out.append(indent).append("    ").append(muted_text(*mute)).append("\n");
}

bool comes_first(const Problem* a, const Problem* b) {
  const auto rank = [](const Problem& problem) {
    return std::tuple(problem.finding.severity, -problem.finding.since.time_since_epoch().count(),
                      problem.id);
  };
  return rank(*a) < rank(*b);
}

std::vector<const Problem*> sorted(const std::vector<Problem>& problems) {
  std::vector<const Problem*> order;
  order.reserve(problems.size());
  for (const Problem& problem : problems) order.push_back(&problem);
  std::ranges::sort(order, comes_first);
  return order;
}

nlohmann::ordered_json json_of(const Problem& problem, const Mute* mute) {
  const Finding& finding = problem.finding;
  nlohmann::ordered_json json = {{"id", problem.id},
                                 {"state", problem.closed ? "closed" : "open"},
                                 {"kind", name_of(finding.key.kind)},
                                 {"severity", name_of(finding.severity)},
                                 {"source", finding.key.source},
                                 {"subject", finding.key.subject}};
  if (!finding.key.instance.empty()) json["instance"] = finding.key.instance;
  json["since"] = to_rfc3339(finding.since);
  json["opened"] = to_rfc3339(problem.opened);
  if (problem.closed) json["closed"] = to_rfc3339(*problem.closed);
  if (mute != nullptr) {
    json["muted"] = {{"mute", mute->id}, {"by", mute->created_by}, {"reason", mute->reason}};
    if (mute->until) json["muted"]["until"] = to_rfc3339(*mute->until);
  }
  if (finding.cause) json["cause"] = name_of(finding.cause->kind);
  json["evidence"] = nlohmann::ordered_json::object();
  for (const auto& [name, value] : finding.evidence) json["evidence"][name] = value;
  return json;
}

}  // namespace

std::string problems_text(const KnownProblems& known, Timestamp now) {
  std::string out;
  const auto key_of = [](const Problem* problem) { return problem->finding.key; };
  const auto cause_of = [](const Problem* problem) { return problem->finding.cause; };
  for (const auto& [problem, below] : below_causes(sorted(known.open), key_of, cause_of))
    append_problem(out, *problem, mute_for(*problem, known), now, below);
  if (known.open.empty()) out += "Nothing needs you.\n";
  if (!known.closed.empty()) out += "\nOver:\n";
  for (const Problem& problem : known.closed) append_problem(out, problem, nullptr, now, false);
  return out;
}

std::string problems_json(const KnownProblems& known) {
  std::string out;
  for (const Problem* problem : sorted(known.open))
    out += dump_json(json_of(*problem, mute_for(*problem, known))) + '\n';
  for (const Problem& problem : known.closed) out += dump_json(json_of(problem, nullptr)) + '\n';
  return out;
}

std::string failed_slots_text(const std::vector<FailedSlot>& slots) {
  if (slots.empty()) return "";
  std::string out = "\nNot made good (the slot's run failed, and none completed since):\n";
  for (const FailedSlot& slot : slots) {
    out.append(one_line(slot.pipeline)).append(" (").append(one_line(slot.source)).append("), ");
    out.append(one_line(slot.trigger)).append(", slot ").append(to_the_second(slot.slot));
    out.append(", run ").append(std::to_string(slot.run)).append("\n");
  }
  if (slots.size() == kSlotsShown) out += "... and more\n";
  return out;
}

int problems(const ServeOptions& options) {
  const auto ledger = read_ledger(options);
  if (!ledger) return refuse(kExitUnavailable, to_string(ledger.error()));
  auto known = (*ledger)->problems(options.all ? kClosedShown : 0);
  if (!known) return refuse(kExitUnavailable, to_string(known.error()));
  std::erase_if(known->mutes, [now = wall_clock()](const Mute& mute) {
    return mute.until && *mute.until <= now;
  });
  if (options.json) {
    const std::string lines = problems_json(*known);
    std::fwrite(lines.data(), 1, lines.size(), stdout);
    return 0;
  }
  std::vector<FailedSlot> slots;
  const auto looked = (*ledger)->look([&](Transaction& in, const Context& context) {
    slots = failed_slots(in, context, kSlotsShown);
  });
  if (!looked) return refuse(kExitUnavailable, to_string(looked.error()));
  print_safely(problems_text(*known, wall_clock()) + failed_slots_text(slots));
  return 0;
}

}  // namespace walpulse::monitor
