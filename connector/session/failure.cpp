#include "connector/session/failure.h"

#include <algorithm>

#include "connector/catalog/sqlstate.h"
#include "publisher/database/sql_quote.h"

namespace walpulse::connector {
std::string to_string(const Failure& failure) {
  return failure.remedy.empty() ? failure.message : failure.message + "; " + failure.remedy;
}

Failure failure_of(Verdict verdict, const Error& error) {
  return {verdict, error.message, error.remedy};
}

Failure gap(const std::string& what) {
  return {Verdict::gap, "gap: " + what,
          "run `walpulse-connector recover --to SINK` to begin a new epoch"};
}

Failure gap_not_crossed(const std::string& what) { return gap(what + "; nothing was skipped"); }

Failure undeliverable(const std::string& sink, const Error& error) {
  return {Verdict::fatal, sink + ": " + error.message, error.remedy};
}

Failure judge(const Error& error, const std::optional<std::optional<SlotState>>& slot) {
  if (error.code == kObjectInUse) return failure_of(Verdict::standby, error);
  if (slot && !*slot) return gap_not_crossed("the slot is gone (" + error.message + ")");
  if (slot && (*slot)->lost()) {
    return gap_not_crossed("the slot is invalidated, its WAL was removed (" + error.message + ")");
  }
  if (error.kind == ErrorKind::unavailable || error.kind == ErrorKind::timed_out) {
    return failure_of(Verdict::retry, error);
  }
  if (error.kind == ErrorKind::rejected && passes(error.code)) {
    return failure_of(Verdict::retry, error);
  }
  // With the slot in place it is the publication, as it was when the WAL was written: making it
  // anew does not help the old range.
  if (error.code == kUndefinedObject && slot) return gap_not_crossed(error.message);
  // Without the catalog nothing can be said for sure: ask again.
  if (!error.code.empty() && !slot) return failure_of(Verdict::retry, error);
  // A standby that waits for its promotion still synchronizes the slot.
  if (slot && *slot && (*slot)->synced) return failure_of(Verdict::retry, error);
  return failure_of(Verdict::fatal, error);
}

tl::unexpected<Failure> refuse(const Error& error) { return tl::unexpected(unanswered(error)); }

Failure unanswered(const Error& error) {
  const bool passing = error.kind == ErrorKind::unavailable || error.kind == ErrorKind::timed_out;
  return failure_of(passing ? Verdict::retry : Verdict::fatal, error);
}

bool says_nothing(bool in_recovery, const std::optional<SlotState>& slot) {
  return in_recovery && (!slot || slot->lost());
}

std::optional<Failure> slot_problem(const std::string& name, const ServerFacts& server,
                                    const std::optional<SlotState>& slot) {
  if (says_nothing(server.in_recovery, slot) || (slot && slot->synced)) {
    return Failure{
        Verdict::retry,
        "this server is a standby that is not promoted, and slot " + name + " cannot be read here",
        "give a dsn that reaches the primary"};
  }
  if (!slot)
    return gap_not_crossed("slot " + name +
                           " does not exist, though the publication says it was set up");
  if (slot->lost()) return gap_not_crossed("slot " + name + " is invalidated, its WAL was removed");
  const auto fatal = [&](const std::string& text, const std::string& remedy) {
    return Failure{Verdict::fatal, "slot " + name + " " + text, remedy};
  };
  if (!slot->logical || slot->plugin != "pgoutput") {
    return fatal("is not a pgoutput slot", "choose another --slot");
  }
  if (slot->database != server.database) {
    return fatal("belongs to database " + slot->database + ", the dsn names " + server.database,
                 "give the dsn of that database, or another --slot");
  }
  if (slot->two_phase) {
    return fatal("was made with two_phase, which splits transactions", "make it without");
  }
  return std::nullopt;
}

std::optional<Failure> name_problem(const SourceOptions& source, const CaptureIdentity& identity) {
  if (identity.find(source.tables.front()) != nullptr) return std::nullopt;
  return Failure{Verdict::fatal,
                 "the publication " + source.publication + " was set up for " +
                     database::quote_tables(identity.table_names()) + ", not for " +
                     database::quote_table(source.tables.front()),
                 "give --schema and --table as at setup, or another --publication and --slot"};
}

Failure not_set_up(const SourceOptions& source, const std::string& database, bool has_publication,
                   bool has_slot) {
  const std::string publication = "publication " + source.publication + " in database " + database;
  if (!has_slot) {
    return {Verdict::fatal, publication + " was not set up", "run `walpulse-connector setup`"};
  }
  if (!has_publication) return gap(publication + " was dropped, slot " + source.slot + " exists");
  return {
      Verdict::fatal,
      publication + " has no comment of walpulse's, though slot " + source.slot + " exists",
      "where setup was interrupted, run `walpulse-connector setup` again; where the publication "
      "was made anew it is a gap, and `walpulse-connector recover` begins a new epoch"};
}

std::optional<Failure> role_problem(const RoleFacts& role) {
  if (role.superuser || role.replication) return std::nullopt;
  return Failure{Verdict::fatal, "the role " + role.name + " may not use replication slots",
                 "as an administrator run: ALTER ROLE " + database::quote_identifier(role.name) +
                     " WITH REPLICATION;"};
}

std::optional<Failure> left_behind(const LeftTimeline& left, std::optional<Lsn> fork) {
  if (fork && left.event_commit < *fork) return std::nullopt;
  const std::string timeline = "timeline " + std::to_string(left.timeline);
  return gap("events up to " + to_string(left.event_commit) + " of " + timeline +
             " were published, but the server " +
             (fork ? "left it at " + to_string(*fork) : "was never on it") +
             ": it is a standby that had fallen behind, or an older state");
}

std::optional<Failure> rewound(Lsn seen, Lsn flushed) {
  if (seen <= flushed) return std::nullopt;
  return gap("the server's WAL ends at " + to_string(flushed) + ", but it sent " + to_string(seen) +
             " before: it was restored from an older state");
}

}  // namespace walpulse::connector
