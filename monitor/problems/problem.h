#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "decoder/base/timestamp.h"
#include "monitor/problems/severity.h"

namespace walpulse::monitor {

/// What needs a person. The numbers are stored.
enum class ProblemKind : std::uint8_t {
  failing = 0,       ///< The last end of the subject FAILED.
  not_started = 1,   ///< A slot without a run.
  waiting = 2,       ///< A run that stays INITIAL.
  too_long = 3,      ///< A run that runs longer than it may.
  not_done = 4,      ///< A deadline passed, and what had to be done by it is not.
  stale = 5,         ///< No success for longer than there may be none.
  not_running = 6,   ///< A pipeline that runs for ever does not.
  abandoned = 7,     ///< An active run whose trigger is gone: Mage never ends it.
  scheduler = 8,     ///< Mage's scheduler starts nothing.
  check_failed = 9,  ///< A check of a run's data failed, or could not be made.
  blind = 10,        ///< walpulse cannot see: no heartbeat, capture behind, a gap.
  undelivered = 11,  ///< A message was given up.
};
inline constexpr std::size_t kProblemKinds = 12;

/// "not_started", as the API, metrics and log lines name it.
std::string_view name_of(ProblemKind kind);
/// "Did not start", as a person reads it.
std::string_view title_of(ProblemKind kind);
std::optional<ProblemKind> problem_kind(std::string_view name);

/// What makes a problem one and the same however often it is found. `subject` is a pipeline, with
/// the labels that it is told apart by ("daily_sales partner=acme"), or empty where the source as a
/// whole is meant. `instance` is the trigger or deadline where one subject may have several at
/// once; empty where it is in one state only. See identity().
struct ProblemKey {
  ProblemKind kind = ProblemKind::failing;
  std::string source;
  std::string subject;
  std::string instance;
  auto operator<=>(const ProblemKey&) const = default;
};

/// An instance that begins with it says all that its subject says, by what never changes: of a
/// trigger the id, not the name ("#daily_sales trigger=7"). The subject is then for people alone.
inline constexpr char kSaysTheSubject = '#';
/// What two keys of one problem share: without the subject where the instance says it.
ProblemKey identity(const ProblemKey& key);

/// The pipeline, with its labels, or the source where the problem is the source's. Refers to `key`.
inline const std::string& subject_of(const ProblemKey& key) {
  return key.subject.empty() ? key.source : key.subject;
}

/// What a reader needs to believe it, in the order in which it is shown: {"run", "812"}.
using Evidence = std::vector<std::pair<std::string, std::string>>;

/// Something that is the case, as of the watermark: read off the state, not off the steps.
struct Finding {
  ProblemKey key;
  Timestamp since;  ///< When it began to be so, not when it was seen.
  Evidence evidence;
  Severity severity = Severity::notify;
  /// The problem that explains it: it is shown below that one, and told only if it outlives it.
  std::optional<ProblemKey> cause;
  /// The newest of what makes it one, such as the last failed end, where that is of runs or their
  /// slots. It is no part of what is kept.
  std::optional<Timestamp> newest = {};

  bool operator==(const Finding& other) const {
    return std::tie(key, since, evidence, severity, cause) ==
           std::tie(other.key, other.since, other.evidence, other.severity, other.cause);
  }
};

/// A finding that was kept. Opened once, closed once.
struct Problem {
  Finding finding;
  Timestamp opened;  ///< When it was seen, by the clock of the source.
  std::optional<Timestamp> closed = {};
  /// Somebody is told of its opening, and so of its closing: not of one that has a cause, which is
  /// told itself, nor of one that the first look would have found, had the ledger been filled then.
  bool told = true;
  std::int64_t id = 0;  ///< Given by the storage; zero: not stored yet.
  bool operator==(const Problem&) const = default;
};

}  // namespace walpulse::monitor
