#pragma once

#include <optional>
#include <string>

#include "connector/catalog/catalog_facts.h"
#include "connector/options/options.h"
#include "decoder/base/result.h"

namespace walpulse::connector {

/// What an ended session, or one that could not begin, means for the process.
enum class Verdict {
  retry,    ///< The server or the network is away: again, after a pause.
  standby,  ///< Another connector holds the slot: wait, and take over when it lets go.
  park,     ///< The sink is down: let go of the server, and wait for the sink.
  fatal,    ///< Only an operator can mend it.
  gap,      ///< The slot no longer joins onto what was delivered: `recover` is the way on.
};

struct Failure {
  Verdict verdict = Verdict::retry;
  std::string message;
  std::string remedy = {};  ///< Empty where there is none.
};

/// What an operator is shown: "message; remedy".
std::string to_string(const Failure& failure);

/// What an error comes to, in its own words.
Failure failure_of(Verdict verdict, const Error& error);

/// Judges by SQLSTATE, the error's code, and by what the catalog says of the slot, never by text:
/// 55000 alone means a dozen things. `slot` is empty where the catalog could not be asked, and
/// holds an empty value where the slot does not exist. Pure.
Failure judge(const Error& error, const std::optional<std::optional<SlotState>>& slot);

/// A question that the catalog did not answer: judged by its kind alone, for nothing is known of
/// the slot, and what the role may not ask today it may not ask in a minute either.
Failure unanswered(const Error& error);
/// The same, as what a function returns that may fail.
tl::unexpected<Failure> refuse(const Error& error);

/// A standby's own catalog shows its own slots: that one is missing or lost there says nothing of
/// the primary's.
bool says_nothing(bool in_recovery, const std::optional<SlotState>& slot);

/// Whether the slot can carry this capture at all: empty, or why not.
std::optional<Failure> slot_problem(const std::string& name, const ServerFacts& server,
                                    const std::optional<SlotState>& slot);

/// Under a name that no table was captured under, every row would be confirmed without a word:
/// empty, or what to give. The first table is asked after: what else was captured shows in the
/// identity.
std::optional<Failure> name_problem(const SourceOptions& source, const CaptureIdentity& identity);

/// There is no comment of walpulse's. A slot alone was set up once: its publication was dropped.
/// Beside a publication, either setup was interrupted or the publication was made anew.
Failure not_set_up(const SourceOptions& source, const std::string& database, bool has_publication,
                   bool has_slot);

/// The server says so only after a connection for each attempt, and never in a word that is told
/// apart from a passing one.
std::optional<Failure> role_problem(const RoleFacts& role);

/// What a server is known by between two sessions.
struct ServerMark {
  std::uint64_t system_identifier = 0;
  std::uint32_t timeline = 0;
  bool operator==(const ServerMark&) const = default;
};

/// Whether the server's durable WAL ends before a position that it sent earlier on this very
/// timeline: it was restored from an older state.
std::optional<Failure> rewound(Lsn seen, Lsn flushed);

/// What was published on a timeline that the server has left since.
struct LeftTimeline {
  std::uint32_t timeline = 0;
  Lsn event_commit;  ///< The furthest commit of which an event was taken.
};

/// Whether the server's history left that timeline before a commit whose events were published: a
/// standby was promoted that had fallen behind, or an older state was restored. Other transactions
/// may commit at those positions now. `fork` is empty where the server was never on the timeline.
std::optional<Failure> left_behind(const LeftTimeline& left, std::optional<Lsn> fork);

/// The sink refused a message for good: another attempt would not help.
Failure undeliverable(const std::string& sink, const Error& error);

/// A gap; says what happened and that `recover` is the way on.
Failure gap(const std::string& what);
/// A gap before which the capture stopped: no position beyond it was confirmed.
Failure gap_not_crossed(const std::string& what);

}  // namespace walpulse::connector
