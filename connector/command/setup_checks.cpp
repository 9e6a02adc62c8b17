#include "connector/command/setup_checks.h"

#include <algorithm>

#include "connector/options/option_values.h"
#include "publisher/database/sql_quote.h"

namespace walpulse::connector {
namespace {

using Refusal = std::optional<SetupRefusal>;

Refusal refuse(std::string message, std::string remedy = {}) {
  return SetupRefusal{{ErrorKind::rejected, std::move(message), std::move(remedy)}};
}

}  // namespace

std::optional<SetupRefusal> check_server(const SetupFacts& facts) {
  const ServerFacts& server = facts.server;
  if (server.system_identifier != facts.admin_server.system_identifier ||
      server.database != facts.admin_server.database) {
    return refuse("--dsn and --admin-dsn lead to different databases: " + server.database +
                      " of system " + std::to_string(server.system_identifier) + " and " +
                      facts.admin_server.database + " of system " +
                      std::to_string(facts.admin_server.system_identifier),
                  "let both name the captured one");
  }
  if (server.in_recovery) return refuse("this server is a standby", "set up on the primary");
  if (server.wal_level != "logical") {
    return refuse("wal_level is " + server.wal_level + ", capture needs logical",
                  "`walpulse-connector doctor` prints the command");
  }
  if (!facts.capture.replication && !facts.capture.superuser) {
    return refuse("the role " + facts.capture.name + " may not use replication slots",
                  "as an administrator run: ALTER ROLE " +
                      database::quote_identifier(facts.capture.name) + " WITH REPLICATION;");
  }
  return std::nullopt;
}

std::optional<SetupRefusal> check_table(const SourceOptions& source, const SetupFacts& facts) {
  if (facts.table && facts.table->kind == 'p') {
    return refuse("the table " + database::quote_tables(source.tables) +
                      " is partitioned: its rows arrive under the partitions' names",
                  "choose a plain table with --table");
  }
  if (facts.table) return std::nullopt;
  std::string remedy;
  for (const auto& schema : facts.schemas_with_table) {
    remedy += (remedy.empty() ? "" : "; ") + ("there is one in the schema " + schema) +
              ": --schema " + schema;
  }
  return refuse("there is no table " + database::quote_tables(source.tables) + " in the database " +
                    facts.server.database,
                remedy);
}

std::string publication_deviation(const PublicationFacts& publication, const TableFacts& table) {
  if (publication.all_tables) return "it publishes all tables, which breaks some of Mage's deletes";
  if (!publication.relation) return "it does not publish the table";
  if (publication.other_relations > 0) return "it publishes other tables too";
  if (!publication.all_operations()) return "it does not publish every operation";
  if (publication.row_filter) return "it has a row filter";
  if (!publication.column_list.empty() && table.replica_identity == 'f') {
    return "its column list makes the server refuse Mage's updates under REPLICA IDENTITY FULL";
  }
  return "";
}

std::optional<SetupRefusal> check_name(const SourceOptions& source, const SetupFacts& facts) {
  const std::string& name = source.name.empty() ? facts.server.database : source.name;
  if (!is_source_name(name)) {
    return refuse(
        "the database's name '" + name + "' cannot name the source: a name " + kSourceNameRule,
        "give one with --name");
  }
  for (const auto& [publication, other] : facts.captures) {
    const auto same = [&source, &facts,
                       provisional = other.provisional()](const CapturedTable& table) {
      return provisional ? table.name == source.tables.front() : table.oid == facts.table->oid;
    };
    const bool same_table = std::any_of(other.tables.begin(), other.tables.end(), same);
    if (publication == source.publication || other.name != name || !same_table) continue;
    return refuse("the publication " + publication + " captures " +
                      database::quote_tables(source.tables) + " already, under the name " + name +
                      ": whoever reads both would count every run twice",
                  "give this one a name of its own with --name, or go on with that one: "
                  "--publication " +
                      publication);
  }
  return std::nullopt;
}

std::string another_slot_or_drop(const std::string& slot) {
  return "choose another name with --slot, or drop it: SELECT "
         "pg_catalog.pg_drop_replication_slot(" +
         database::quote_literal(slot) + ");";
}

std::optional<SetupRefusal> check_slot(const SourceOptions& source, const SetupFacts& facts) {
  const auto& slot = facts.slot;
  const std::string other = another_slot_or_drop(source.slot);
  const std::string name = "the slot " + source.slot;
  if (!slot) return std::nullopt;
  if (!slot->logical || slot->plugin != "pgoutput") {
    return refuse(name + " exists and is not a pgoutput slot", other);
  }
  if (slot->database != facts.server.database) {
    return refuse(name + " exists and belongs to the database " + slot->database, other);
  }
  if (slot->two_phase || slot->temporary) {
    return refuse(name + " exists and is " + (slot->temporary ? "temporary" : "two-phase"), other);
  }
  return std::nullopt;
}

std::optional<SetupRefusal> check_anchor(const SourceOptions& source, const SetupFacts& facts) {
  if (!facts.anchor) return std::nullopt;
  const SlotState& anchor = *facts.anchor;
  const std::string name = anchor_slot(source);
  if (anchor.logical && anchor.plugin == "pgoutput" && anchor.database == facts.server.database &&
      !anchor.two_phase && !anchor.temporary) {
    return std::nullopt;
  }
  return refuse("the slot " + name + " exists and cannot be the anchor of " + source.slot +
                    " (it is no permanent pgoutput slot of the database " + facts.server.database +
                    ")",
                another_slot_or_drop(name));
}

}  // namespace walpulse::connector
