#include "connector/command/setup_plan.h"

#include <algorithm>

#include "connector/catalog/publication_state.h"
#include "connector/command/report_text.h"
#include "connector/command/setup_checks.h"
#include "publisher/config/exit_codes.h"
#include "publisher/database/cloud_sql.h"
#include "publisher/database/sql_quote.h"
#include "publisher/doctor/shell_command.h"

namespace walpulse::connector {
namespace {

using Refusal = std::optional<SetupRefusal>;

/// The comment stands: everything must be as it says, or changes are lost already.
Refusal check_comment(const SourceOptions& source, const SetupFacts& facts,
                      const CaptureIdentity& identity) {
  const auto gap = [&](const std::string& message) {
    return SetupRefusal{
        {ErrorKind::rejected, "a gap: " + message, gap_advice(recover_command_text(source, facts))},
        kExitGap};
  };
  if (identity.system_identifier != facts.server.system_identifier) {
    return gap(other_system(identity));
  }
  if (identity.tables.front().name != source.tables.front()) {
    return refuse("the publication " + source.publication + " was set up for " +
                      database::quote_tables(identity.table_names()) + ", not for " +
                      database::quote_table(source.tables.front()),
                  again(source, facts)
                      .with("publication", second(source.publication))
                      .with("slot", second(source.slot))
                      .text());
  }
  const CapturedTable& captured = identity.tables.front();
  if (captured.oid != facts.table->oid) {
    return gap("the table " + captured.name.name + " was made anew since (oid " +
               std::to_string(facts.table->oid.value) + " instead of " +
               std::to_string(captured.oid.value) + ")");
  }
  for (const OtherTable& other : facts.others) {
    const CapturedTable* known = identity.find(other.name);
    if (known == nullptr || !other.table || known->oid == other.table->oid) continue;
    return gap("the table " + other.name.name + " was made anew since (oid " +
               std::to_string(other.table->oid.value) + " instead of " +
               std::to_string(known->oid.value) + ")");
  }
  std::string why = publication_deviation(*facts.publication, *facts.table, facts.others);
  for (const OtherTable& other : facts.others) {
    if (why.empty() && identity.find(other.name) != nullptr) why = other_deviation(other);
  }
  if (!why.empty()) return gap("the publication " + source.publication + " was changed: " + why);
  if (!facts.slot) {
    return gap("the publication " + source.publication + " is set up, but the slot " + source.slot +
               " does not exist");
  }
  if (facts.slot->lost()) {
    return gap("the slot " + source.slot + " is lost: the server removed WAL that it needs");
  }
  return std::nullopt;
}

Refusal check_room(const SourceOptions& source, const SetupFacts& facts, const SetupPlan& plan) {
  const auto& server = facts.server;
  const bool more = plan.create_anchor && !plan.drop_anchor;
  const int wanted = static_cast<int>(plan.create_slot) + static_cast<int>(more);
  if (server.replication_slots_used + wanted <= server.replication_slots_max) return std::nullopt;
  return refuse("of " + std::to_string(server.replication_slots_max) + " replication slots " +
                    std::to_string(server.replication_slots_used) + " are in use, and " +
                    std::to_string(wanted) + " more needed" +
                    (more ? " (one for the replay window; --replay-window 0 does without)" : ""),
                "for the command: " + doctor_command_text(source, facts));
}

std::string another_publication(const SourceOptions& source, const SetupFacts& facts) {
  return again(source, facts).with("publication", second(source.publication)).text();
}

/// No comment of ours yet: what exists may be adopted or is somebody else's.
Refusal check_first_time(const SourceOptions& source, const SetupFacts& facts) {
  const auto& slot = facts.slot;
  if (facts.publication) {
    if (facts.publication->comment) {
      const std::string& comment = *facts.publication->comment;
      if (is_of_newer_version(comment)) return SetupRefusal{parse_comment(comment).error()};
      const std::string& name = source.publication;
      return refuse("the publication " + name +
                        " has a comment that is not walpulse's, and setup would overwrite it",
                    "where nobody needs it, COMMENT ON PUBLICATION " +
                        database::quote_identifier(name) + " IS NULL; else " +
                        another_publication(source, facts));
    }
    const auto why = publication_deviation(*facts.publication, *facts.table, facts.others);
    if (!why.empty()) {
      return refuse("the publication " + source.publication +
                        " exists, is not walpulse's and cannot be adopted: " + why,
                    another_publication(source, facts));
    }
    if (!facts.publication->owned) {
      return refuse("the role " + facts.admin.name + " may not comment on the publication " +
                        source.publication,
                    again(source, facts)
                        .as_owner_only(facts.publication->owner, facts.server.database)
                        .text());
    }
  } else if (slot) {
    return refuse("the slot " + source.slot + " exists, but the publication " + source.publication +
                      " does not: what the slot holds was written before it and could never be "
                      "decoded",
                  "where nobody needs it, SELECT pg_catalog.pg_drop_replication_slot(" +
                      database::quote_literal(source.slot) + "); else " +
                      again(source, facts).with("slot", second(source.slot)).text());
  } else if (auto refused = check_maker(source, facts)) {
    return refused;
  }
  if (slot && (slot->active || slot->lost())) {
    return refuse("the slot " + source.slot + " exists and is " +
                      (slot->active ? "in use by another program" : "lost"),
                  again(source, facts).with("slot", second(source.slot)).text());
  }
  return std::nullopt;
}

bool holds_table(const std::vector<PlannedTable>& tables, const TableName& name) {
  return std::any_of(tables.begin(), tables.end(),
                     [&](const PlannedTable& table) { return table.name == name; });
}

PlannedTable planned(const TableName& name, const TableFacts& table) {
  return {name, table.oid, database::quote_table(table.schema, table.name)};
}

/// Under the same name; whoever reads both would be told everything twice.
const Capture* captured_elsewhere(const SourceOptions& source, const SetupFacts& facts,
                                  const std::string& name, const TableFacts& table) {
  for (const Capture& capture : facts.captures) {
    const auto& tables = capture.identity.tables;
    const bool holds = std::any_of(tables.begin(), tables.end(),
                                   [&](const auto& one) { return one.oid == table.oid; });
    if (holds && capture.publication != source.publication && capture.identity.name == name) {
      return &capture;
    }
  }
  return nullptr;
}

/// Why a table that is wanted beside the first, and is there, is not to be captured; empty: it is.
std::string left_out(const SourceOptions& source, const SetupFacts& facts, const std::string& name,
                     const OtherTable& other) {
  if (const Capture* capture = captured_elsewhere(source, facts, name, *other.table)) {
    return "the publication " + capture->publication + " captures it under the same name";
  }
  if (other.is_published()) return "";
  if (facts.publication && !facts.publication->owned) {
    return "only its owner (" + facts.publication->owner + ") may add it to the publication";
  }
  return cannot_publish(other);
}

/// Which tables are captured in the end, and which of them are new.
void plan_tables(const SourceOptions& source, const SetupFacts& facts, SetupPlan& plan) {
  const auto& identity = plan.identity;
  const std::string name = identity              ? identity->name
                           : source.name.empty() ? facts.server.database
                                                 : source.name;
  const PlannedTable first = planned(source.tables.front(), *facts.table);
  plan.tables = {first};
  if (!identity) plan.added = {first};
  for (const OtherTable& other : facts.others) {
    if (!other.table) continue;
    const bool known = identity && identity->find(other.name) != nullptr;
    const PlannedTable table = planned(other.name, *other.table);
    if (!known) {
      if (const auto why = left_out(source, facts, name, other); !why.empty()) {
        plan.notes.push_back("the table " + table.called + " is not captured: " + why);
        continue;
      }
      plan.added.push_back(table);
      if (facts.publication && !other.is_published()) plan.publish.push_back(table);
    }
    plan.tables.push_back(table);
  }
}

/// The snapshot that ends this setup reads as the capture role.
Refusal check_reading(const SetupFacts& facts, const SetupPlan& plan) {
  if (facts.given.to.empty() || facts.given.to == "stdout" || facts.capture.superuser) return {};
  std::string grants;
  if (holds_table(plan.added, plan.tables.front().name)) {
    grants += read_grants(*facts.table, facts.capture);
  }
  for (const OtherTable& other : facts.others) {
    if (holds_table(plan.added, other.name)) grants += read_grants(*other.table, other.capture);
  }
  if (grants.empty()) return std::nullopt;
  return refuse("the role " + facts.capture.name +
                    " may not read what the snapshot reads, with which setup --to ends",
                "as the tables' owner run:" + grants);
}

void note_privileges(const SetupFacts& facts, SetupPlan& plan) {
  const RoleFacts& role = facts.capture;
  const std::string grantee = database::quote_identifier(role.name);
  std::string grants = read_grants(*facts.table, role);
  for (const OtherTable& other : facts.others) {
    if (holds_table(plan.tables, other.name)) grants += read_grants(*other.table, other.capture);
  }
  if (!grants.empty()) {
    plan.notes.push_back("streaming works without, but a snapshot needs to read the table:" +
                         grants);
  }
  if (!role.monitor) {
    plan.notes.push_back("to see what is in flight, status needs:\n  GRANT pg_monitor TO " +
                         grantee + ";");
  }
  if (!facts.server.slot_keep_bytes_max) {
    plan.notes.push_back(
        "max_slot_wal_keep_size is -1: a connector that stays down fills the "
        "server's disk:\n  " +
        std::string(
            facts.server.cloud_sql
                ? database::set_flag_command(facts.given.source.dsn, "max_slot_wal_keep_size=10240")
                : "ALTER SYSTEM SET max_slot_wal_keep_size = '10GB'; SELECT "
                  "pg_catalog.pg_reload_conf();"));
  }
}

void plan_anchor(const SourceOptions& source, const SetupFacts& facts, const ReplayWindow& window,
                 SetupPlan& plan) {
  const std::string name = anchor_slot(source);
  const auto& anchor = facts.anchor;
  const std::string held =
      anchor && anchor->retained_bytes ? human_bytes(*anchor->retained_bytes) + " of WAL" : "WAL";
  if (!window.wanted()) {
    if (anchor) {
      plan.notes.push_back("no replay window is wanted, but the anchor " + name + " keeps " + held +
                           "; to let it go:\n  SELECT pg_catalog.pg_drop_replication_slot(" +
                           database::quote_literal(name) + ");");
    }
    return;
  }
  plan.drop_anchor = anchor && (anchor->lost() || plan.create_slot);
  plan.create_anchor = !anchor || plan.drop_anchor;
  if (anchor && anchor->lost()) {
    plan.notes.push_back("the anchor " + name +
                         " was lost: the server removed WAL that it needs. What is older than now "
                         "cannot be replayed (`snapshot` can read it)");
  } else if (!plan.create_anchor) {
    plan.found.push_back("anchor " + name + ", keeps " + held);
  }
}

}  // namespace

SetupPlan plan_setup(const SourceOptions& source, const SetupFacts& facts,
                     const ReplayWindow& window) {
  SetupPlan plan;
  plan.refusal = check_server(source, facts);
  if (!plan.refusal) plan.refusal = check_table(source, facts);
  if (plan.refusal) return plan;

  const std::optional<CaptureIdentity> identity = identity_in(facts.publication);
  plan.refusal =
      identity ? check_comment(source, facts, *identity) : check_first_time(source, facts);
  if (!plan.refusal && !identity) plan.refusal = check_name(source, facts);
  if (!plan.refusal) plan.refusal = check_slot(source, facts);
  if (!plan.refusal && window.wanted()) plan.refusal = check_anchor(source, facts);
  if (plan.refusal) return plan;

  SetupPlan missing;
  missing.create_slot = !facts.slot;
  plan_anchor(source, facts, window, missing);
  missing.identity = identity;
  plan_tables(source, facts, missing);
  plan.refusal = check_room(source, facts, missing);
  if (!plan.refusal) plan.refusal = check_reading(facts, missing);
  if (plan.refusal) return plan;
  plan = std::move(missing);
  plan.create_publication = !facts.publication;
  plan.write_comment = !identity;
  if (facts.publication) {
    std::vector<PlannedTable> there;
    for (const PlannedTable& table : plan.tables) {
      if (!holds_table(plan.publish, table.name)) there.push_back(table);
    }
    plan.found.push_back("publication " + source.publication + " for " + called_list(there) +
                         (identity ? "" : ", adopted: it publishes just that"));
  }
  if (facts.slot) {
    plan.found.push_back("slot " + source.slot +
                         (facts.slot->confirmed_flush_lsn
                              ? ", confirmed " + to_string(*facts.slot->confirmed_flush_lsn)
                              : ""));
  }
  if (identity) {
    plan.found.push_back("identity name=" + identity->name +
                         " epoch=" + std::to_string(identity->epoch));
    if (!source.name.empty() && source.name != identity->name) {
      plan.notes.push_back("the name stays " + identity->name + ": it is part of every event id");
    }
  }
  note_privileges(facts, plan);
  return plan;
}

std::uint64_t next_epoch(Timestamp now, std::uint64_t old_epoch) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(now.time_since_epoch()).count();
  return std::max(static_cast<std::uint64_t>(std::max<std::int64_t>(seconds, 0)), old_epoch) + 1;
}

}  // namespace walpulse::connector
