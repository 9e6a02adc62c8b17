// The doctor's check of what becomes of the slot in a failover, from PostgreSQL 17 on.
#include <algorithm>

#include "connector/command/doctor_checks.h"
#include "publisher/database/sql_quote.h"

namespace walpulse::connector {
namespace {

using Level = Check::Level;
constexpr const char* kName = "failover";

std::string joined(const std::vector<std::string>& names) {
  std::string text;
  for (const auto& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

/// What a standby needs for keeping copies of slots. The fourth, a dbname in primary_conninfo, only
/// a superuser may read.
Check check_standby(const DoctorFacts& facts) {
  const ServerFacts& server = facts.server;
  const FailoverFacts& failover = *facts.failover;
  const auto missing = [](const std::string& what, const std::string& remedy) {
    return Check{kName, Level::warn,
                 what + ": this standby keeps no copy of the slot, and its promotion is a gap",
                 remedy, false};
  };
  if (!failover.slots_synchronized) {
    return missing("sync_replication_slots is off",
                   setting_remedy(server, "sync_replication_slots", "on"));
  }
  if (!failover.standby_feedback) {
    return missing("hot_standby_feedback is off",
                   setting_remedy(server, "hot_standby_feedback", "on"));
  }
  if (failover.primary_slot.empty()) {
    return missing(
        "primary_slot_name is empty",
        "on the primary: SELECT pg_catalog.pg_create_physical_replication_slot('standby', true); "
        "here: " +
            setting_remedy(server, "primary_slot_name", "standby"));
  }
  if (!facts.slot || !facts.slot->synced) {
    return missing("there is no synchronized slot " + facts.source.slot + " (yet)",
                   "primary_conninfo with dbname=" + server.database +
                       ", and on the primary: walpulse-connector doctor");
  }
  return {kName, Level::ok, "this standby keeps a copy of the slot " + facts.source.slot, "",
          false};
}

/// The server sends nothing of a failover slot that these standbys do not have yet.
Check check_awaited(const DoctorFacts& facts) {
  const FailoverFacts& failover = *facts.failover;
  const auto streams = [&](const std::string& name) {
    return std::ranges::find(failover.streaming_slots, name) != failover.streaming_slots.end();
  };
  std::vector<std::string> here;
  std::vector<std::string> away;
  for (const auto& name : failover.awaited_slots) (streams(name) ? here : away).push_back(name);
  if (!away.empty()) {
    return {kName, Level::fail,
            "capture stands still: synchronized_standby_slots names " + joined(away) +
                ", from which no standby streams",
            "start that standby, or do not wait for it: " +
                setting_remedy(facts.server, "synchronized_standby_slots", joined(here)),
            false};
  }
  if (here.empty() && !failover.streaming_slots.empty()) {
    return {kName, Level::warn,
            "standbys keep a copy of the slot, but synchronized_standby_slots is empty: events "
            "may be delivered that a promoted standby has never heard of",
            setting_remedy(facts.server, "synchronized_standby_slots",
                           joined(failover.streaming_slots)),
            false};
  }
  return {kName, Level::ok,
          "a standby keeps a copy of the slot where sync_replication_slots and "
          "hot_standby_feedback are on, primary_slot_name is set and primary_conninfo has a "
          "dbname" +
              (here.empty() ? "" : "; waits for " + joined(here)),
          "", false};
}

}  // namespace

void check_failover(const DoctorFacts& facts, std::vector<Check>& checks) {
  if (!facts.failover) return;
  if (facts.server.in_recovery) {
    checks.push_back(check_standby(facts));
  } else if (facts.slot && facts.slot->failover == true) {
    checks.push_back(check_awaited(facts));
  } else if (facts.slot) {
    checks.push_back({kName, Level::warn,
                      "the slot " + facts.source.slot +
                          " was made without FAILOVER: no standby keeps a copy, and a failover is "
                          "a gap",
                      "stop the connector, then: psql 'dbname=" + facts.server.database +
                          " replication=database' -c 'ALTER_REPLICATION_SLOT " +
                          database::quote_identifier(facts.source.slot) + " (FAILOVER true)'",
                      false});
  }
}

}  // namespace walpulse::connector
