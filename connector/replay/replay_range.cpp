#include "connector/replay/replay_range.h"

#include <algorithm>

namespace walpulse::connector {
namespace {

/// A bound after its event, if it was one, was recognized: a position or a time.
struct Edge {
  std::optional<Lsn> position;
  std::optional<Timestamp> time;
  std::string text;  ///< As people write it.
};

Result<Edge> edge_of(const char* flag, const ReplayBound& bound, const CaptureIdentity& identity) {
  if (const auto* position = std::get_if<Lsn>(&bound)) {
    return Edge{*position, std::nullopt, to_string(*position)};
  }
  if (const auto* time = std::get_if<Timestamp>(&bound)) {
    return Edge{std::nullopt, *time, to_rfc3339(*time)};
  }
  const auto& event = std::get<EventReference>(bound);
  const auto foreign = [&](const std::string& what, const std::string& theirs,
                           const std::string& ours, const std::string& remedy) {
    return fail(ErrorKind::rejected,
                std::string(flag) + ": the event is of " + what + " " + theirs +
                    ", this publication's is " + ours,
                remedy);
  };
  if (event.name != identity.name) return foreign("the source", event.name, identity.name, "");
  const bool captured =
      std::any_of(identity.tables.begin(), identity.tables.end(),
                  [&](const CapturedTable& table) { return to_string(table.name) == event.table; });
  if (!captured) return foreign("the table", event.table, table_list(identity), "");
  if (event.epoch != identity.epoch) {
    return foreign(
        "epoch", std::to_string(event.epoch),
        std::to_string(identity.epoch) +
            ": positions of another epoch are those of another history",
        "give a position or a time of this one, or read rows with `walpulse-connector snapshot`");
  }
  return Edge{event.commit_lsn, std::nullopt, to_string(event.commit_lsn)};
}

Result<void> check_future(const char* flag, const Edge& edge, const ReplayFacts& facts,
                          const std::string& remedy) {
  const bool beyond = edge.position ? *edge.position > facts.log_end : *edge.time > facts.now;
  if (!beyond) return {};
  const std::string end = edge.position ? "the server's log ends at " + to_string(facts.log_end)
                                        : "the server's clock says " + to_rfc3339(facts.now);
  return fail(ErrorKind::rejected,
              std::string(flag) + " " + edge.text + " lies in the future: " + end, remedy);
}

bool before(const Edge& one, const Edge& other) {
  if (one.position && other.position) return *one.position < *other.position;
  return one.time && other.time && *one.time < *other.time;
}

}  // namespace

bool ReplayRange::holds(Lsn commit, Timestamp commit_time) const {
  return !(from && commit < *from) && !(from_time && commit_time < *from_time) &&
         !(until && commit > *until) && !(until_time && commit_time > *until_time) &&
         !(log_end && commit >= *log_end);
}

bool ReplayRange::ends_before(Lsn commit) const {
  return (until && commit > *until) || (log_end && commit >= *log_end);
}

std::optional<Lsn> ReplayRange::read_until() const {
  if (!log_end) return std::nullopt;
  if (!until || until->value == UINT64_MAX) return log_end;
  return std::min(*log_end, Lsn{until->value + 1});
}

Error older_than_anchor(const std::string& asked, const ReplayFacts& facts) {
  std::string oldest = to_string(facts.oldest);
  std::string text = "--from " + asked +
                     " is older than what can be replayed: the anchor slot holds "
                     "what was committed from " +
                     oldest + " on";
  if (facts.oldest_commit) text += ", first at " + to_rfc3339(*facts.oldest_commit);
  return {ErrorKind::rejected, text,
          "replay from there (--from " + oldest +
              "), and read what is older as rows: `walpulse-connector snapshot`. A longer "
              "--replay-window of `run` keeps more from now on"};
}

Result<ReplayRange> resolve_range(const ReplayOptions& options, const ReplayFacts& facts) {
  const auto from = edge_of("--from", *options.from, facts.identity);
  if (!from) return forward(from);
  if (auto past =
          check_future("--from", *from, facts, "there is nothing to replay yet: give an older one");
      !past) {
    return forward(past);
  }
  ReplayRange range;
  range.from = from->position;
  range.from_time = from->time;
  if (!options.follow) range.log_end = facts.log_end;
  if (options.until) {
    const auto until = edge_of("--until", *options.until, facts.identity);
    if (!until) return forward(until);
    const std::string remedy =
        "leave --until out to replay up to now, or give --follow to go on from there";
    if (auto past = check_future("--until", *until, facts, remedy); !past) {
      return forward(past);
    }
    if (before(*until, *from)) {
      return fail(ErrorKind::rejected,
                  "--until " + until->text + " lies before --from " + from->text,
                  "give the older one as --from");
    }
    range.until = until->position;
    range.until_time = until->time;
  }
  const bool missing = from->position && *from->position < facts.oldest;
  const bool too_early = from->time && facts.oldest_commit && *from->time < *facts.oldest_commit;
  if (missing || too_early) return tl::unexpected<Error>(older_than_anchor(from->text, facts));
  return range;
}

}  // namespace walpulse::connector
