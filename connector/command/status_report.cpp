#include "connector/command/status_report.h"

#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "connector/command/report_text.h"
#include "decoder/base/json_dom.h"
#include "publisher/config/exit_codes.h"
#include "publisher/database/sql_quote.h"

namespace walpulse::connector {
namespace {

template <class T>
nlohmann::ordered_json or_null(const std::optional<T>& value) {
  return value ? nlohmann::ordered_json(*value) : nlohmann::ordered_json(nullptr);
}

nlohmann::ordered_json or_null(const std::optional<Lsn>& lsn) {
  return lsn ? nlohmann::ordered_json(walpulse::to_string(*lsn)) : nlohmann::ordered_json(nullptr);
}

std::string seconds_text(std::optional<double> seconds) {
  if (!seconds) return "unknown";
  char text[40];
  std::snprintf(text, sizeof text, "%.1f s", *seconds);
  return text;
}

std::string bytes_or(const std::optional<std::int64_t>& bytes, const char* otherwise) {
  return bytes ? human_bytes(*bytes) : otherwise;
}

std::string lsn_or_none(const std::optional<Lsn>& lsn) {
  return lsn ? walpulse::to_string(*lsn) : "none";
}

std::string line(const char* name, const std::string& value) {
  std::string text = name;
  text.resize(std::max<std::size_t>(text.size() + 1, 14), ' ');
  return text + value + "\n";
}

/// A reader that has not confirmed anything yet reports no position of its own; the slot has one.
std::optional<std::int64_t> in_flight_bytes(const StatusFacts& facts) {
  if (!facts.sender || !facts.sender->sent_lsn || !facts.slot->confirmed_flush_lsn) return {};
  const auto sent = static_cast<std::int64_t>(facts.sender->sent_lsn->value);
  const auto confirmed = static_cast<std::int64_t>(facts.slot->confirmed_flush_lsn->value);
  return std::max<std::int64_t>(0, sent - confirmed);
}

std::string reader_text(const StatusFacts& facts) {
  const SlotState& slot = *facts.slot;
  if (!slot.active) return line("reader", "nobody");
  std::string who = "pid " + (slot.active_pid ? std::to_string(*slot.active_pid) : "unknown");
  if (!facts.sender || !facts.sender->visible) {
    return line("reader", who) +
           line("in flight", "not visible; a superuser changes that: GRANT pg_monitor TO " +
                                 database::quote_identifier(facts.role) + ";");
  }
  const SenderState& sender = *facts.sender;
  if (!sender.application.empty()) who += " (" + sender.application + ")";
  if (!sender.client.empty()) who += " from " + sender.client;
  return line("reader", who + ", " + sender.state) +
         line("in flight", bytes_or(in_flight_bytes(facts), "unknown") + " of WAL (sent " +
                               lsn_or_none(sender.sent_lsn) + ", confirmed " +
                               lsn_or_none(slot.confirmed_flush_lsn) + "), last reply " +
                               seconds_text(sender.reply_age_seconds) + " ago");
}

/// A command that needs the owner's connection too, unless he is who asks.
std::string owners_command(Command command, const SourceOptions& source, const StatusFacts& facts) {
  GivenOptions given = facts.given;
  given.source = source;
  RemedyCommand text(command, given);
  if (facts.owner != facts.role || facts.owner.empty()) {
    text.as_owner(facts.owner.empty() ? "OWNER" : facts.owner, facts.server.database);
  }
  return text.text();
}

std::string slot_text(const SourceOptions& source, const StatusFacts& facts) {
  const SlotState& slot = *facts.slot;
  std::string text =
      line("slot", source.slot + " (" + slot.plugin + ", database " + slot.database + ")");
  text += line("confirmed", lsn_or_none(slot.confirmed_flush_lsn) + ", server at " +
                                walpulse::to_string(facts.server.current_lsn));
  const auto seconds = lag_seconds(facts);
  text += line("lag",
               bytes_or(slot.lag_bytes, "unknown") + (seconds ? ", " + seconds_text(seconds) : ""));
  text += line("retained", slot.restart_lsn ? bytes_or(slot.retained_bytes, "unknown") +
                                                  " of WAL since " + lsn_or_none(slot.restart_lsn)
                                            : "nothing");
  text += line(
      "wal_status",
      slot.wal_status +
          (slot.invalidation_reason ? " (invalidated: " + *slot.invalidation_reason + ")" : ""));
  if (slot.failover) {
    text += line("failover", *slot.failover ? "a standby that synchronizes slots keeps a copy"
                                            : "no standby keeps a copy: a failover is a gap");
  }
  const bool unlimited = !facts.server.slot_keep_bytes_max;
  text +=
      line("safe_wal", bytes_or(slot.safe_wal_bytes,
                                unlimited ? "no limit (max_slot_wal_keep_size is -1)" : "none"));
  return text + reader_text(facts);
}

bool can_replay(const StatusFacts& facts) {
  return facts.anchor && !facts.anchor->lost() && facts.anchor->confirmed_flush_lsn;
}

std::string replay_text(const SourceOptions& source, const StatusFacts& facts) {
  const std::string name = anchor_slot(source);
  if (!facts.anchor) {
    return line("replay", "nothing: there is no anchor " + name + "; it is made by " +
                              owners_command(Command::setup, source, facts));
  }
  if (!can_replay(facts)) {
    return line("replay", "nothing: the anchor " + name + " is lost; it is made anew by " +
                              owners_command(Command::setup, source, facts));
  }
  // Where nothing was committed since, there is no time to tell.
  return line("replay", "from " + lsn_or_none(facts.anchor->confirmed_flush_lsn) +
                            (facts.oldest_commit ? ", " + to_rfc3339(*facts.oldest_commit) : "")) +
         line("anchor", name + ", keeps " + bytes_or(facts.anchor->retained_bytes, "unknown") +
                            " of WAL (" + facts.anchor->wal_status + ")");
}

}  // namespace

CaptureState capture_state(const StatusFacts& facts) {
  if (facts.identity) {
    const bool same_system = facts.identity->system_identifier == facts.server.system_identifier;
    if (!same_system || !facts.slot || facts.slot->lost()) return CaptureState::gap;
    return facts.slot->active ? CaptureState::streaming : CaptureState::idle;
  }
  return facts.publication_exists || facts.slot ? CaptureState::incomplete
                                                : CaptureState::not_set_up;
}

const char* to_string(CaptureState state) {
  switch (state) {
    case CaptureState::not_set_up:
      return "not_set_up";
    case CaptureState::incomplete:
      return "incomplete";
    case CaptureState::gap:
      return "gap";
    case CaptureState::idle:
      return "idle";
    case CaptureState::streaming:
      return "streaming";
  }
  return "";
}

int exit_code(CaptureState state) {
  if (state == CaptureState::gap) return kExitGap;
  return state == CaptureState::idle || state == CaptureState::streaming ? 0 : 1;
}

std::optional<double> lag_seconds(const StatusFacts& facts) {
  if (facts.slot && facts.slot->lag_bytes == 0) return 0.0;
  return facts.sender ? facts.sender->flush_lag_seconds : std::nullopt;
}

std::string status_text(const SourceOptions& source, const StatusFacts& facts) {
  const CaptureState state = capture_state(facts);
  std::string text = line("state", to_string(state));
  if (facts.identity) {
    text += line("identity", "name=" + facts.identity->name +
                                 " epoch=" + std::to_string(facts.identity->epoch) +
                                 " publication=" + source.publication);
    if (facts.identity->tables.size() > 1) text += line("tables", table_list(*facts.identity));
  }
  text += facts.slot ? slot_text(source, facts) : line("slot", source.slot + " does not exist");
  if (facts.identity) text += replay_text(source, facts);
  if (state == CaptureState::gap) {
    text += line("gap", gap_advice(owners_command(Command::recover, source, facts)));
  }
  if (state == CaptureState::not_set_up || state == CaptureState::incomplete) {
    text += line("next", owners_command(Command::setup, source, facts));
  }
  return text;
}

std::string status_json(const SourceOptions& source, const StatusFacts& facts) {
  nlohmann::ordered_json json;
  json["state"] = to_string(capture_state(facts));
  json["slot"] = source.slot;
  json["publication"] = source.publication;
  json["name"] = facts.identity ? nlohmann::ordered_json(facts.identity->name) : nullptr;
  json["epoch"] = facts.identity ? nlohmann::ordered_json(facts.identity->epoch) : nullptr;
  json["tables"] = nlohmann::ordered_json::array();
  if (facts.identity) {
    for (const TableName& table : facts.identity->table_names()) {
      json["tables"].push_back(walpulse::to_string(table));
    }
  }
  json["server_lsn"] = walpulse::to_string(facts.server.current_lsn);
  const SlotState slot = facts.slot.value_or(SlotState{});
  json["exists"] = facts.slot.has_value();
  json["active"] = slot.active;
  json["active_pid"] = or_null(slot.active_pid);
  json["confirmed_flush_lsn"] = or_null(slot.confirmed_flush_lsn);
  json["restart_lsn"] = or_null(slot.restart_lsn);
  json["lag_bytes"] = or_null(slot.lag_bytes);
  json["lag_seconds"] = or_null(lag_seconds(facts));
  json["retained_wal_bytes"] = or_null(slot.retained_bytes);
  json["safe_wal_bytes"] = or_null(slot.safe_wal_bytes);
  json["wal_status"] = facts.slot ? nlohmann::ordered_json(slot.wal_status) : nullptr;
  json["invalidation_reason"] = or_null(slot.invalidation_reason);
  json["failover"] = or_null(slot.failover);
  const SenderState sender = facts.sender.value_or(SenderState{});
  json["sender_visible"] = sender.visible;
  json["sender_state"] = sender.visible ? nlohmann::ordered_json(sender.state) : nullptr;
  json["sent_lsn"] = or_null(sender.sent_lsn);
  json["in_flight_bytes"] =
      facts.slot ? or_null(in_flight_bytes(facts)) : nlohmann::ordered_json(nullptr);
  const SlotState anchor = facts.anchor.value_or(SlotState{});
  json["anchor"] = anchor_slot(source);
  json["anchor_wal_status"] =
      facts.anchor ? nlohmann::ordered_json(anchor.wal_status) : nlohmann::ordered_json(nullptr);
  json["anchor_retained_wal_bytes"] = or_null(anchor.retained_bytes);
  json["oldest_replayable_lsn"] =
      can_replay(facts) ? or_null(anchor.confirmed_flush_lsn) : nlohmann::ordered_json(nullptr);
  json["oldest_replayable_time"] = facts.oldest_commit && can_replay(facts)
                                       ? nlohmann::ordered_json(to_rfc3339(*facts.oldest_commit))
                                       : nlohmann::ordered_json(nullptr);
  return dump_json(json) + "\n";
}

}  // namespace walpulse::connector
