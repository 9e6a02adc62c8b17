#include "connector/recover/recover_plan.h"

#include <algorithm>

#include "connector/catalog/capture_grants.h"
#include "connector/catalog/publication_state.h"
#include "connector/command/report_text.h"
#include "connector/command/setup_checks.h"
#include "publisher/database/sql_quote.h"

namespace walpulse::connector {
namespace {

using Refusal = std::optional<SetupRefusal>;

Refusal refuse(std::string message, std::string remedy = {}) {
  return SetupRefusal{{ErrorKind::rejected, std::move(message), std::move(remedy)}};
}

/// Somebody reads the live slot: it holds, and nothing is to be dropped under it.
Refusal check_reader(const SourceOptions& source, const SetupFacts& facts) {
  for (const auto& [name, slot] :
       {std::pair(source.slot, &facts.slot), std::pair(anchor_slot(source), &facts.anchor)}) {
    if (!*slot || !(*slot)->active) continue;
    const auto pid = (*slot)->active_pid;
    return refuse("the slot " + name + " is in use by pid " + (pid ? std::to_string(*pid) : "?") +
                      ": a connector that captures needs no recover",
                  "stop it first (every instance: a standby would take over)");
  }
  return std::nullopt;
}

Refusal check_publication(const SourceOptions& source, const SetupFacts& facts,
                          const std::optional<CaptureIdentity>& identity) {
  const auto& publication = facts.publication;
  const std::string& name = source.publication;
  if (publication && is_of_newer_version(publication->comment.value_or(""))) {
    return SetupRefusal{parse_comment(*publication->comment).error()};
  }
  if (publication && publication->comment && !identity) {
    return refuse("the publication " + name +
                      " has a comment that is not walpulse's, and recover would drop it",
                  "where nobody needs it, COMMENT ON PUBLICATION " +
                      database::quote_identifier(name) + " IS NULL; else " +
                      again(source, facts).with("publication", second(name)).text());
  }
  if (identity && identity->tables.front().name != source.tables.front()) {
    return refuse("the publication " + name + " was set up for " +
                      database::quote_tables(identity->table_names()) + ", not for " +
                      database::quote_table(source.tables.front()),
                  again(source, facts)
                      .with("schema", identity->table_names().front().schema)
                      .with("table", identity->table_names().front().name)
                      .text());
  }
  if (publication && !publication->owned) {
    return refuse(
        "only its owner (" + publication->owner + ") may drop the publication " + name,
        again(source, facts).as_owner_only(publication->owner, facts.server.database).text());
  }
  return check_maker(source, facts);
}

/// The snapshot reads the table as the capture role.
Refusal check_select(const SetupFacts& facts, const TableFacts& table, const RoleFacts& role) {
  const std::string called = database::quote_table(table.schema, table.name);
  if (role.row_security) {
    return refuse("policies hide rows of the table " + called +
                      ", which the snapshot reads, from the role " + role.name,
                  "run: " + see_all_rows_sql(facts.server, role, table.owner));
  }
  if (role.superuser || (role.schema_usage && role.table_select)) return std::nullopt;
  return refuse(
      "the role " + role.name + " may not read the table " + called + ", which the snapshot does",
      "as its owner run:" + read_grants(table, role));
}

/// Why a table that was captured beside the first is not any more; empty: it is.
std::string left_behind(const SourceOptions& source, const OtherTable& other) {
  if (!other.table) return "it is gone";
  if (source.no_blocks && other.name.name == kBlocks) return "--no-blocks";
  return cannot_publish(other);
}

/// Those that were captured, as far as they still can be; where no comment tells, those wanted.
Refusal choose_tables(const SourceOptions& source, const SetupFacts& facts, RecoverPlan& plan) {
  const auto add = [&](const TableName& name, const TableFacts& table) {
    plan.tables.push_back({name, table.oid, database::quote_table(table.schema, table.name)});
  };
  add(source.tables.front(), *facts.table);
  Refusal refused = check_select(facts, *facts.table, facts.capture);
  for (const OtherTable& other : facts.others) {
    if (plan.old ? plan.old->find(other.name) == nullptr : !other.table) continue;
    if (const auto why = left_behind(source, other); !why.empty()) {
      plan.notes.push_back("the table " + database::quote_table(other.name) +
                           " is not captured any more: " + why);
      continue;
    }
    auto problem = check_select(facts, *other.table, other.capture);
    if (problem && !plan.old) {  // nobody says that it was captured
      plan.notes.push_back(problem->error.message + ": it is not captured");
      continue;
    }
    add(other.name, *other.table);
    if (!refused) refused = std::move(problem);
  }
  return refused;
}

/// Beside the two slots, the snapshot takes one for its time.
Refusal check_room(const SourceOptions& source, const SetupFacts& facts, const RecoverPlan& plan) {
  const auto& server = facts.server;
  const int freed = static_cast<int>(plan.drop_slot) + static_cast<int>(plan.drop_anchor);
  const int wanted = 2 + static_cast<int>(plan.create_anchor);
  if (server.replication_slots_used - freed + wanted <= server.replication_slots_max) {
    return std::nullopt;
  }
  return refuse("of " + std::to_string(server.replication_slots_max) + " replication slots " +
                    std::to_string(server.replication_slots_used - freed) +
                    " belong to others, and recover needs " + std::to_string(wanted),
                "for the command: " + doctor_command_text(source, facts));
}

std::string made_anew(const CapturedTable& captured, Oid now) {
  return "the table " + captured.name.name + " was made anew (oid " + std::to_string(now.value) +
         " instead of " + std::to_string(captured.oid.value) + ")";
}

void find_in_others(const CaptureIdentity& identity, const SetupFacts& facts,
                    std::vector<std::string>& found) {
  for (const OtherTable& other : facts.others) {
    const CapturedTable* captured = identity.find(other.name);
    if (captured == nullptr) continue;
    if (other.table && other.table->oid != captured->oid) {
      found.push_back(made_anew(*captured, other.table->oid));
    } else if (const auto why = other_deviation(other); !why.empty()) {
      found.push_back("the publication was changed: " + why);
    } else if (other.publication->relation != captured->publication_relation) {
      found.push_back("the table " + captured->name.name +
                      " left the publication and was added again");
    }
  }
}

void find_in_comment(const SourceOptions& source, const SetupFacts& facts,
                     const CaptureIdentity& identity, std::vector<std::string>& found) {
  if (identity.provisional()) {
    found.push_back("an earlier recover did not get to its end");
    return;
  }
  if (identity.system_identifier != facts.server.system_identifier) {
    found.push_back("this is system " + std::to_string(facts.server.system_identifier) +
                    ", the publication was set up on system " +
                    std::to_string(identity.system_identifier) +
                    " (pg_upgrade, a dump that was restored, another server)");
  }
  const CapturedTable& captured = identity.tables.front();
  if (captured.oid != facts.table->oid) {
    found.push_back(made_anew(captured, facts.table->oid));
    return;
  }
  const PublicationFacts& publication = *facts.publication;
  const auto why = publication_deviation(publication, *facts.table, facts.others);
  if (!why.empty()) found.push_back("the publication was changed: " + why);
  const std::size_t before = found.size();
  find_in_others(identity, facts, found);
  if (!why.empty() || found.size() > before) return;
  if (publication.relation != captured.publication_relation) {
    found.push_back("the table left the publication and was added again");
  } else if (owner_changed_last(identity, publication)) {
    found.push_back(
        "the publication has another owner, and whether it was altered before does not show; where "
        "it was not, no recover is needed, and this prints what its owner says then: " +
        doctor_command_text(source, facts));
  } else if (altered(identity, publication)) {
    found.push_back("the publication was altered");
  }
}

std::vector<std::string> diagnose(const SourceOptions& source, const SetupFacts& facts,
                                  const std::optional<CaptureIdentity>& identity) {
  std::vector<std::string> found;
  if (!facts.publication) {
    found.push_back("there is no publication " + source.publication);
  } else if (!identity) {
    found.push_back("the publication " + source.publication +
                    " has no comment of walpulse's: it was made anew, or never set up");
  } else {
    find_in_comment(source, facts, *identity, found);
  }
  if (!facts.slot) {
    found.push_back("there is no slot " + source.slot);
  } else if (facts.slot->lost()) {
    found.push_back("the slot " + source.slot + " is lost: the server removed WAL that it needs");
  }
  if (found.empty()) {
    found.push_back(
        "nothing is wrong as far as the catalogs tell. Where the database was restored from a "
        "backup or a disk snapshot they cannot tell, and recover is right; else stop here");
  }
  return found;
}

std::vector<std::string> losses_of(const SourceOptions& source, const SetupFacts& facts) {
  std::vector<std::string> losses{
      "changes that were not delivered are no events any more; the snapshot brings each run as it "
      "stands now, without the steps between, and ends runs that are gone"};
  if (facts.slot && facts.slot->lag_bytes.value_or(0) > 0 && !facts.slot->lost()) {
    losses.push_back("up to " + human_bytes(*facts.slot->lag_bytes) + " of WAL in the slot " +
                     source.slot + " is given up undelivered");
  }
  if (facts.anchor && !facts.anchor->lost()) {
    losses.push_back("the history behind the anchor " + anchor_slot(source) +
                     " cannot be replayed any more");
  }
  return losses;
}

}  // namespace

RecoverPlan plan_recover(const SourceOptions& source, const SetupFacts& facts,
                         const ReplayWindow& window, std::uint64_t epoch_above) {
  RecoverPlan plan;
  plan.source = source;
  plan.epoch_above = epoch_above;
  plan.old = identity_in(facts.publication);
  plan.drop_anchor = facts.anchor.has_value();
  plan.drop_slot = facts.slot.has_value();
  plan.create_anchor = window.wanted();
  plan.refusal = check_server(source, facts);
  if (!plan.refusal) plan.refusal = check_table(source, facts);
  if (!plan.refusal) plan.refusal = check_slot(source, facts);
  if (!plan.refusal) plan.refusal = check_anchor(source, facts);
  if (!plan.refusal) plan.refusal = check_reader(source, facts);
  if (!plan.refusal) plan.refusal = check_publication(source, facts, plan.old);
  if (!plan.refusal && !plan.old) plan.refusal = check_name(source, facts);
  if (!plan.refusal) plan.refusal = choose_tables(source, facts, plan);
  if (!plan.refusal) plan.refusal = check_room(source, facts, plan);
  if (plan.refusal) return plan;

  plan.found = diagnose(source, facts, plan.old);
  plan.losses = losses_of(source, facts);
  if (plan.old) {
    plan.epoch_above = std::max(plan.epoch_above, plan.old->epoch);
    plan.follows = followed_by_next(*plan.old);
    if (!source.name.empty() && source.name != plan.old->name) {
      plan.notes.push_back("the name stays " + plan.old->name + ": it is part of every event id");
    }
    plan.source.name = plan.old->name;
    return plan;
  }
  if (plan.source.name.empty()) plan.source.name = facts.server.database;
  if (epoch_above > 0) plan.follows = {epoch_above};
  plan.notes.push_back("no comment tells the old name and epoch: the name will be " +
                       plan.source.name +
                       " (--name where it was another), the epoch that of the server's clock" +
                       (epoch_above == 0 ? " (--epoch-above N where the old one is ahead of it)"
                                         : ", above " + std::to_string(epoch_above)));
  return plan;
}

std::string explain(const RecoverPlan& plan, const std::string& sink) {
  std::string text;
  for (const auto& line : plan.found) text += "found    " + line + "\n";
  for (const auto& line : plan.losses) text += "lost     " + line + "\n";
  text += "anew     publication " + plan.source.publication + ", slot " + plan.source.slot +
          (plan.create_anchor ? ", anchor " + anchor_slot(plan.source) : "") + ", epoch above " +
          std::to_string(plan.epoch_above) + (plan.old ? " (the old one)" : "") + "\n";
  text += "then     a snapshot of " + called_list(plan.tables) + " to " + sink + "\n";
  for (const auto& line : plan.notes) text += "note     " + line + "\n";
  return text;
}

CaptureIdentity provisional(const RecoverPlan& plan, std::uint64_t epoch) {
  CaptureIdentity identity;
  identity.name = plan.source.name;
  identity.epoch = epoch;
  for (const PlannedTable& table : plan.tables) {
    identity.tables.push_back({table.name, table.oid, Oid{}});
  }
  identity.follows = plan.follows;
  return identity;
}

std::string renew_publication_sql(const RecoverPlan& plan, const CaptureIdentity& identity) {
  const SourceOptions& source = plan.source;
  return "DROP PUBLICATION IF EXISTS " + database::quote_identifier(source.publication) + "; " +
         create_publication_sql(source.publication, called_list(plan.tables)) + "; " +
         comment_sql(source, identity);
}

}  // namespace walpulse::connector
