#include "monitor/ledger/application/outcome.h"

namespace walpulse::monitor {

std::string_view to_string(Outcome outcome) {
  switch (outcome) {
    case Outcome::applied:
      return "applied";
    case Outcome::unchanged:
      return "unchanged";
    case Outcome::pruned:
      return "pruned";
    case Outcome::invalid:
      return "invalid";
    case Outcome::conflict:
      return "conflict";
    case Outcome::deferred:
      return "deferred";
    case Outcome::waits:
      return "waits";
    case Outcome::ignored:
      return "ignored";
    case Outcome::refused:
      return "refused";
  }
  return "unknown";
}

bool is_set_aside(Outcome outcome) {
  return outcome == Outcome::invalid || outcome == Outcome::conflict || outcome == Outcome::refused;
}

namespace {

/// As a shell takes it: a name from the wire may be anything.
std::string shell_word(const std::string& text) {
  std::string word = "'";
  for (const char c : text) {
    if (c == '\'') word += "'\\'";
    word += c;
  }
  return word + "'";
}

}  // namespace

std::string name_taken_reason(const std::string& name, std::uint64_t epoch) {
  return "name_taken: another history has the name " + name +
         ": give one of the two sources another name (walpulse-connector teardown, then setup "
         "--name OTHER), or take "
         "this one in with `walpulse-monitor sources accept " +
         shell_word(name) + ' ' + std::to_string(epoch) + "` and redrive";
}

}  // namespace walpulse::monitor
