// The doctor's check of what becomes of the slot in a failover, from PostgreSQL 17 on.
#include <algorithm>

#include "connector/command/doctor_checks.h"
#include "publisher/database/dsn_parts.h"
#include "publisher/database/sql_quote.h"
#include "publisher/doctor/shell_command.h"

namespace walpulse::connector {
namespace {

using Level = Check::Level;
using doctor::joined;
constexpr const char* kName = "failover";

constexpr const char* kNoCopy =
    ": this standby keeps no copy of the slot, and its promotion is a gap";

/// Of both servers: the primary's slot first, so that the standby's WAL is not let go of.
Check without_primary_slot(const DoctorFacts& facts) {
  const GivenOptions given = given_options(facts);
  const std::string database = facts.server.database;
  GivenOptions primary = given;
  primary.source.dsn = database::shown_dsn(given.source.dsn, {{"host", "PRIMARY"}});
  return {kName, Level::warn, std::string("primary_slot_name is empty") + kNoCopy,
          doctor::psql_command(
              place_of(primary, database, "postgres"),
              "SELECT pg_catalog.pg_create_physical_replication_slot('standby', true)") +
              " && " +
              doctor::psql_command(place_of(given, database, "postgres"),
                                   "ALTER SYSTEM SET primary_slot_name = 'standby'") +
              " -c 'SELECT pg_catalog.pg_reload_conf()'"};
}

/// What a standby needs for keeping copies of slots. The fourth, a dbname in primary_conninfo, only
/// a superuser may read.
Check check_standby(const DoctorFacts& facts) {
  const FailoverFacts& failover = *facts.failover;
  const auto off = [&](const std::string& name) {
    return setting_check(facts, kName, Level::warn, name + " is off" + kNoCopy, name, "on");
  };
  if (!failover.slots_synchronized) return off("sync_replication_slots");
  if (!failover.standby_feedback) return off("hot_standby_feedback");
  if (failover.primary_slot.empty()) return without_primary_slot(facts);
  if (!facts.slot || !facts.slot->synced) {
    return {kName, Level::warn,
            "there is no synchronized slot " + facts.source.slot +
                " (yet); primary_conninfo must name dbname=" + facts.server.database + kNoCopy,
            on_the_primary(facts)};
  }
  return {kName, Level::ok, "this standby keeps a copy of the slot " + facts.source.slot};
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
    return setting_check(facts, kName, Level::fail,
                         "capture stands still: synchronized_standby_slots names " + joined(away) +
                             ", from which no standby streams: start that, or do not wait for it",
                         "synchronized_standby_slots", joined(here));
  }
  if (here.empty() && !failover.streaming_slots.empty()) {
    return setting_check(
        facts, kName, Level::warn,
        "standbys keep a copy of the slot, but synchronized_standby_slots is empty: events "
        "may be delivered that a promoted standby has never heard of",
        "synchronized_standby_slots", joined(failover.streaming_slots));
  }
  return {kName, Level::ok,
          "a standby keeps a copy of the slot where sync_replication_slots and "
          "hot_standby_feedback are on, primary_slot_name is set and primary_conninfo has a "
          "dbname" +
              (here.empty() ? "" : "; waits for " + joined(here))};
}

}  // namespace

void check_failover(const DoctorFacts& facts, std::vector<Check>& checks) {
  if (!facts.failover) return;
  if (facts.server.in_recovery) {
    checks.push_back(check_standby(facts));
  } else if (facts.slot && facts.slot->failover == true) {
    checks.push_back(check_awaited(facts));
  } else if (facts.slot) {
    const std::string place = place_of(given_options(facts), facts.server.database);
    checks.push_back({kName, Level::warn,
                      "the slot " + facts.source.slot +
                          " was made without FAILOVER: no standby keeps a copy, and a failover is "
                          "a gap; stop the connector before this",
                      doctor::psql_command(place + " replication=database",
                                           "ALTER_REPLICATION_SLOT " +
                                               database::quote_identifier(facts.source.slot) +
                                               " (FAILOVER true)")});
  }
}

}  // namespace walpulse::connector
