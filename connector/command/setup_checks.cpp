#include "connector/command/setup_checks.h"

#include <algorithm>

#include "connector/options/option_values.h"
#include "publisher/database/dsn_parts.h"
#include "publisher/database/sql_quote.h"

namespace walpulse::connector {
namespace {

using Refusal = std::optional<SetupRefusal>;

GivenOptions given_of(const SourceOptions& source, const SetupFacts& facts) {
  GivenOptions given = facts.given;
  given.source = source;
  return given;
}

/// What a database's name becomes where it may not begin event ids.
std::string name_within_rules(std::string name) {
  for (char& c : name) {
    if (!is_source_name(std::string(1, c))) c = '_';
  }
  return is_source_name(name) ? name : "NAME";
}

/// Where a slot of this name is somebody else's, or nobody's.
std::string another_slot_or_drop(const SourceOptions& source, const SetupFacts& facts,
                                 const std::string& slot) {
  return "where nobody needs it, SELECT pg_catalog.pg_drop_replication_slot(" +
         database::quote_literal(slot) + "); else " +
         again(source, facts).with("slot", second(source.slot)).text();
}

}  // namespace

std::optional<SetupRefusal> refuse(std::string message, std::string remedy) {
  return SetupRefusal{{ErrorKind::rejected, std::move(message), std::move(remedy)}};
}

RemedyCommand again(const SourceOptions& source, const SetupFacts& facts) {
  return {facts.command, given_of(source, facts)};
}

std::string recover_command_text(const SourceOptions& source, const SetupFacts& facts) {
  const std::string owner = facts.publication ? facts.publication->owner
                            : facts.table     ? facts.table->owner
                                              : "OWNER";
  RemedyCommand command(Command::recover, given_of(source, facts));
  if (!facts.capture.superuser && facts.capture.name != owner) {
    command.as_owner(owner, facts.server.database);
  }
  return command.text();
}

std::string doctor_command_text(const SourceOptions& source, const SetupFacts& facts) {
  return RemedyCommand(Command::doctor, given_of(source, facts)).text();
}

std::string second(const std::string& name) { return name.substr(0, kSlotNameMax - 2) + "_2"; }

std::optional<SetupRefusal> check_server(const SourceOptions& source, const SetupFacts& facts) {
  const ServerFacts& server = facts.server;
  if (server.system_identifier != facts.admin_server.system_identifier ||
      server.database != facts.admin_server.database) {
    return refuse(
        "--dsn and --admin-dsn lead to different databases: " + server.database + " of system " +
            std::to_string(server.system_identifier) + " and " + facts.admin_server.database +
            " of system " + std::to_string(facts.admin_server.system_identifier),
        again(source, facts).as_owner_only(facts.admin.name, facts.server.database).text());
  }
  if (server.in_recovery) {
    return refuse("this server is a standby",
                  again(source, facts)
                      .with("dsn", database::shown_dsn(source.dsn, {{"host", "PRIMARY"}}))
                      .text());
  }
  if (!server.decodes() && server.awaits_restart("wal_level")) {
    return refuse("wal_level is " + server.wal_level +
                      ", capture needs logical; it was changed and waits for a restart",
                  "restart the server, then run: " + again(source, facts).text());
  }
  if (!server.decodes()) {
    return refuse("wal_level is " + server.wal_level + ", capture needs logical",
                  script_command(given_of(source, facts)));
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
    return refuse("the table " + database::quote_table(source.tables.front()) +
                      " is partitioned: its rows arrive under the partitions' names",
                  again(source, facts).with("table", "PLAIN_TABLE").text());
  }
  if (facts.table) return std::nullopt;
  const std::string message = "there is no table " + database::quote_table(source.tables.front()) +
                              " in the database " + facts.server.database;
  if (facts.schemas_with_table.empty()) {
    return refuse(message, again(source, facts).with("schema", "SCHEMA").text());
  }
  const std::string& schema = facts.schemas_with_table.front();
  return refuse(message + "; there is one in the schema " + schema,
                again(source, facts).with("schema", schema).text());
}

std::string publication_deviation(const PublicationFacts& publication, const TableFacts& table,
                                  const std::vector<OtherTable>& others) {
  if (publication.all_tables) return "it publishes all tables, which breaks some of Mage's deletes";
  if (!publication.relation) return "it does not publish the table";
  const auto known = std::count_if(others.begin(), others.end(),
                                   [](const OtherTable& one) { return one.is_published(); });
  if (publication.other_relations > known) return "it publishes other tables too";
  if (!publication.all_operations()) return "it does not publish every operation";
  if (publication.row_filter) return "it has a row filter";
  if (!publication.column_list.empty() && table.replica_identity == 'f') {
    return "its column list makes the server refuse Mage's updates under REPLICA IDENTITY FULL";
  }
  return "";
}

std::string other_deviation(const OtherTable& other) {
  const std::string name = database::quote_table(other.name);
  if (!other.table) return "there is no table " + name + " any more";
  if (!other.is_published()) return "it does not publish " + name;
  if (other.publication->row_filter) return "it has a row filter for " + name;
  if (!other.publication->column_list.empty() && other.table->replica_identity == 'f') {
    return "its column list for " + name +
           " makes the server refuse Mage's updates under REPLICA IDENTITY FULL";
  }
  return "";
}

std::string cannot_publish(const OtherTable& other) {
  const TableFacts& table = *other.table;
  if (table.kind == 'p') return "it is partitioned: its rows arrive under the partitions' names";
  const bool nothing =
      table.replica_identity == 'n' || (table.replica_identity == 'd' && table.primary_key.empty());
  if (nothing) return "without a replica identity the server would refuse Mage's updates";
  if (!other.admin.superuser && !other.admin.table_owner) {
    return "only its owner (" + table.owner + ") may publish it";
  }
  return "";
}

std::string read_grants(const TableFacts& table, const RoleFacts& role) {
  const std::string to = " TO " + database::quote_identifier(role.name) + ";";
  std::string grants;
  if (!role.schema_usage) {
    grants += "\n  GRANT USAGE ON SCHEMA " + database::quote_identifier(table.schema) + to;
  }
  if (!role.table_select) {
    grants += "\n  GRANT SELECT ON " + database::quote_table(table.schema, table.name) + to;
  }
  return grants;
}

std::optional<SetupRefusal> check_name(const SourceOptions& source, const SetupFacts& facts) {
  const std::string& name = source.name.empty() ? facts.server.database : source.name;
  if (!is_source_name(name)) {
    return refuse(
        "the database's name '" + name + "' cannot name the source: a name " + kSourceNameRule,
        again(source, facts).with("name", name_within_rules(name)).text());
  }
  for (const auto& [publication, other] : facts.captures) {
    const auto same = [&source, &facts,
                       provisional = other.provisional()](const CapturedTable& table) {
      return provisional ? table.name == source.tables.front() : table.oid == facts.table->oid;
    };
    const bool same_table = std::any_of(other.tables.begin(), other.tables.end(), same);
    if (publication == source.publication || other.name != name || !same_table) continue;
    return refuse("the publication " + publication + " captures " +
                      database::quote_table(source.tables.front()) + " already, under the name " +
                      name + ": whoever reads both would count every run twice",
                  again(source, facts).with("name", second(name)).text() +
                      "; or go on with that one: " +
                      again(source, facts).with("publication", publication).text());
  }
  return std::nullopt;
}

std::optional<SetupRefusal> check_maker(const SourceOptions& source, const SetupFacts& facts) {
  const RoleFacts& admin = facts.admin;
  const std::string& database = facts.server.database;
  if (admin.superuser || (admin.table_owner && admin.create_on_database)) return std::nullopt;
  const std::string message = "the role " + admin.name +
                              " may not make the publication: it must own the table and have "
                              "CREATE on the database";
  if (!admin.table_owner) {
    return refuse(message, again(source, facts).as_owner_only(facts.table->owner, database).text());
  }
  return refuse(message, "run as a superuser: GRANT CREATE ON DATABASE " +
                             database::quote_identifier(database) + " TO " +
                             database::quote_identifier(admin.name) + ";");
}

std::optional<SetupRefusal> check_slot(const SourceOptions& source, const SetupFacts& facts) {
  const auto& slot = facts.slot;
  const std::string other = another_slot_or_drop(source, facts, source.slot);
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
                another_slot_or_drop(source, facts, name));
}

}  // namespace walpulse::connector
