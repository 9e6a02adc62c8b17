#include "monitor/problems/problem.h"

#include <algorithm>

namespace walpulse::monitor {
namespace {

struct Words {
  std::string_view name;
  std::string_view title;
};

/// In the order of the enumeration.
constexpr std::array<Words, kProblemKinds> kWords = {{
    {"failing", "Failing"},
    {"not_started", "Did not start"},
    {"waiting", "Waiting to start"},
    {"too_long", "Running too long"},
    {"not_done", "Not done"},
    {"stale", "No success"},
    {"not_running", "Not running"},
    {"abandoned", "Abandoned by Mage"},
    {"scheduler", "Mage's scheduler starts nothing"},
    {"check_failed", "Check failed"},
    {"blind", "walpulse cannot see"},
    {"undelivered", "Message not delivered"},
}};

}  // namespace

ProblemKey identity(const ProblemKey& key) {
  if (!key.instance.starts_with(kSaysTheSubject)) return key;
  return {key.kind, key.source, "", key.instance};
}

std::string_view name_of(ProblemKind kind) { return kWords[static_cast<std::size_t>(kind)].name; }

std::string_view title_of(ProblemKind kind) { return kWords[static_cast<std::size_t>(kind)].title; }

std::optional<ProblemKind> problem_kind(std::string_view name) {
  const auto* found = std::ranges::find(kWords, name, &Words::name);
  if (found == kWords.end()) return std::nullopt;
  return static_cast<ProblemKind>(found - kWords.begin());
}

}  // namespace walpulse::monitor
