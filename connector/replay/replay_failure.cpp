#include "connector/replay/replay_failure.h"

#include <string_view>

#include "connector/catalog/sqlstate.h"
#include "publisher/database/sql_quote.h"

namespace walpulse::connector {
namespace {

using Action = ReplayVerdict::Action;

constexpr std::string_view kLimitExceeded = "53400";
constexpr std::string_view kDiskFull = "53100";

bool may_pass(const ReplayFault& fault) {
  return fault.error.kind == ErrorKind::unavailable || fault.error.kind == ErrorKind::timed_out ||
         connector::passes(fault.error.code);
}

Error no_free_slot(int slots_max, Error error) {
  error.message = "a replay needs a replication slot for as long as it runs, and all " +
                  std::to_string(slots_max) + " of this server are in use (max_replication_slots)";
  error.remedy =
      "wait for another replay to end, drop a slot that nobody needs (SELECT slot_name, active "
      "FROM pg_replication_slots), or raise max_replication_slots, which needs a restart";
  return error;
}

Error no_publication_then(const SourceOptions& source, Error error) {
  error.message =
      "the publication " + database::quote_identifier(source.publication) +
      " did not exist when this part of the log was written, so the server cannot read it (" +
      error.message + ")";
  error.remedy = "begin later (--from), and read older rows with `walpulse-connector snapshot`";
  return error;
}

}  // namespace

Error no_anchor(const SourceOptions& source) {
  return {ErrorKind::rejected,
          "there is no anchor slot " + anchor_slot(source) + ", so the server keeps no history",
          "run `walpulse-connector setup --replay-window 6h` to keep it from now on, and "
          "`walpulse-connector snapshot` to read the rows that there are"};
}

Error lost_anchor(const SourceOptions& source) {
  return {ErrorKind::rejected,
          "the anchor slot " + anchor_slot(source) +
              " is invalidated: the server removed the WAL that it kept (max_slot_wal_keep_size, "
              "idle_replication_slot_timeout), and with it the history",
          "run `walpulse-connector setup` to make it anew, and `walpulse-connector snapshot` to "
          "read the rows that there are"};
}

ReplayVerdict judge_replay(const SourceOptions& source, const ReplayFault& fault,
                           const ReplayContext& context) {
  const auto& [phase, error] = fault;
  const std::string& sqlstate = error.code;
  if (phase == ReplayPhase::publish) return {Action::fatal, error};
  const bool reading = phase == ReplayPhase::read;
  if (reading && !context.streaming && (sqlstate == kLimitExceeded || sqlstate == kDiskFull)) {
    return {Action::stream, error};
  }
  if (context.anchor && !*context.anchor) return {Action::fatal, no_anchor(source)};
  if (context.anchor && (*context.anchor)->lost()) return {Action::fatal, lost_anchor(source)};
  if (phase == ReplayPhase::copy && sqlstate == kLimitExceeded) {
    return {Action::fatal, no_free_slot(context.slots_max, error)};
  }
  if (may_pass(fault)) return {Action::retry, error};
  if (reading && sqlstate == kUndefinedObject) {
    return {Action::fatal, no_publication_then(source, error)};
  }
  return {Action::fatal, error};
}

}  // namespace walpulse::connector
