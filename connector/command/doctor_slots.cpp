// The doctor's checks of the slot and of its anchor.
#include <algorithm>

#include "connector/command/doctor_checks.h"
#include "connector/command/report_text.h"
#include "publisher/database/sql_quote.h"
#include "publisher/doctor/shell_command.h"

namespace walpulse::connector {
namespace {

using Level = Check::Level;
using doctor::ok;

std::string invalidated(const SlotState& slot) {
  return slot.invalidation_reason ? " (" + *slot.invalidation_reason + ")" : "";
}

std::string drop_sql(const std::string& slot) {
  return "SELECT pg_catalog.pg_drop_replication_slot(" + database::quote_literal(slot) + ");";
}

/// `recover` where capture was set up: what the slot held is lost then.
std::string made_anew(const DoctorFacts& facts) {
  return is_set_up(facts) ? recover_remedy(facts) : setup_remedy(facts);
}

Check missing(const DoctorFacts& facts) {
  const std::string finding = "the slot " + facts.source.slot + " does not exist";
  if (is_set_up(facts)) {
    return {"slot", Level::fail, "a gap: " + finding + ", though the publication is set up",
            recover_remedy(facts)};
  }
  return {"slot", Level::fail, finding, setup_remedy(facts)};
}

/// Another one's name is free, or so it is to be hoped.
Check somebody_elses(const DoctorFacts& facts, const SlotState& slot) {
  const std::string& name = facts.source.slot;
  const auto command = is_set_up(facts) ? Command::recover : Command::setup;
  return {"slot", Level::fail,
          "the slot " + name + " belongs to the database " + slot.database + ", plugin " +
              slot.plugin + ": take another one, here and in every command",
          RemedyCommand(command, given_options(facts))
              .with("slot", name.substr(0, kSlotNameMax - 2) + "_2")
              .as_owner(facts.table ? facts.table->owner : "OWNER", facts.server.database)
              .text()};
}

Check check_slot(const DoctorFacts& facts) {
  const std::string& name = facts.source.slot;
  const auto wrong = [](const std::string& finding, const std::string& remedy) {
    return Check{"slot", Level::fail, finding, remedy};
  };
  if (!facts.slot) return missing(facts);
  const SlotState& slot = *facts.slot;
  if (slot.lost()) {
    return wrong("a gap: the slot " + name + " is lost" + invalidated(slot), recover_remedy(facts));
  }
  if (slot.plugin != "pgoutput" || slot.database != facts.server.database) {
    return somebody_elses(facts, slot);
  }
  if (slot.two_phase) {
    return wrong("the slot " + name + " is two-phase",
                 doctor::psql_command(place_of(given_options(facts), facts.server.database),
                                      drop_sql(name)) +
                     " && " + made_anew(facts));
  }
  if (slot.synced) {
    return wrong("the slot " + name + " is a copy that this standby keeps for a failover",
                 on_the_primary(facts));
  }
  Check check = ok(
      "slot", name + (slot.active ? " is read by pid " + std::to_string(slot.active_pid.value_or(0))
                                  : " is not read by anybody"));
  if (slot.retained_bytes) check.finding += ", retains " + human_bytes(*slot.retained_bytes);
  if (slot.wal_status == "unreserved") {
    check.level = Level::warn;
    check.finding += ", and its WAL goes at the next checkpoint";
    check.remedy = RemedyCommand(Command::run, given_options(facts)).text();
  }
  return check;
}

/// Never a failure: capture goes on without.
Check check_anchor(const DoctorFacts& facts) {
  const std::string name = anchor_slot(facts.source);
  const auto& anchor = facts.anchor;
  const auto wrong = [](const std::string& finding, const std::string& remedy) {
    return Check{"anchor", Level::warn, finding, remedy};
  };
  const std::string held =
      anchor && anchor->retained_bytes ? human_bytes(*anchor->retained_bytes) : "WAL";
  if (!facts.window.wanted()) {
    if (!anchor) return ok("anchor", "no replay window is wanted");
    auto check = wrong("no replay window is wanted, but the anchor " + name + " retains " + held,
                       drop_sql(name));
    check.as = facts.role.name;
    return check;
  }
  if (!anchor) {
    return wrong("there is no anchor " + name + ": nothing can be replayed", setup_remedy(facts));
  }
  if (anchor->plugin != "pgoutput" || anchor->database != facts.server.database) {
    return wrong("the slot " + name + " belongs to the database " + anchor->database + ", plugin " +
                     anchor->plugin +
                     ": nothing can be replayed. Where nobody needs it, this makes the anchor anew",
                 doctor::psql_command(place_of(given_options(facts), facts.server.database),
                                      drop_sql(name)) +
                     " && " + setup_remedy(facts));
  }
  if (anchor->lost()) {
    return wrong("the anchor " + name + " is lost" + invalidated(*anchor) +
                     ": nothing can be replayed until setup makes it anew",
                 setup_remedy(facts));
  }
  if (anchor->wal_status == "unreserved") {
    const auto needed =
        std::max(static_cast<std::size_t>(anchor->retained_bytes.value_or(0)), facts.window.bytes);
    return setting_check(
        facts, "anchor", Level::warn,
        "the anchor " + name + " retains " + held + ", and its WAL goes at the next checkpoint",
        "max_slot_wal_keep_size", std::to_string((2 * needed >> 20) + 1));
  }
  return ok("anchor", name + " keeps history to replay, retains " + held);
}

}  // namespace

void check_slots(const DoctorFacts& facts, std::vector<Check>& checks) {
  checks.push_back(check_slot(facts));
  // Before setup it is no news that there is none.
  if (facts.slot) checks.push_back(check_anchor(facts));
}

}  // namespace walpulse::connector
