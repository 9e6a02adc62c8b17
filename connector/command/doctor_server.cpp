// The doctor's checks of the server and of the role.
#include <algorithm>
#include <cmath>
#include <cstdio>

#include "connector/command/doctor_checks.h"
#include "connector/command/report_text.h"
#include "decoder/base/one_line.h"
#include "publisher/database/cloud_sql.h"
#include "publisher/database/dsn_parts.h"
#include "publisher/database/sql_quote.h"

namespace walpulse::connector {
namespace {

using Level = Check::Level;
using doctor::ok;

/// The command that changes a server setting, in this server's way.
struct SettingChange {
  std::string name;
  std::string value;
  std::string cloud_sql_flag;  ///< Where it differs from `name=value`.
  bool restart = false;
};

std::string remedy(const DoctorFacts& facts, const SettingChange& change) {
  if (facts.server.cloud_sql) {
    return database::set_flag_command(facts.source.dsn, change.cloud_sql_flag.empty()
                                                            ? change.name + "=" + change.value
                                                            : change.cloud_sql_flag);
  }
  return "ALTER SYSTEM SET " + change.name + " = " + database::quote_literal(change.value) + ";" +
         (change.restart ? "" : " SELECT pg_catalog.pg_reload_conf();");
}

Check changed(const DoctorFacts& facts, const std::string& name, Level level,
              const std::string& finding, const SettingChange& change) {
  if (change.restart && facts.server.awaits_restart(change.name)) {
    return {name,
            level,
            finding + "; " + change.name + " was changed and waits for a restart",
            "restart the server",
            true,
            administrator(facts.server)};
  }
  return {name,           level,
          finding,        remedy(facts, change),
          change.restart, facts.server.cloud_sql ? "" : administrator(facts.server)};
}

Check failed(const DoctorFacts& facts, const std::string& name, const std::string& finding,
             const SettingChange& change) {
  return changed(facts, name, Level::fail, finding, change);
}

/// Nothing is said of a primary.
void check_recovery(const DoctorFacts& facts, std::vector<Check>& checks) {
  if (!facts.server.in_recovery) return;
  if (facts.server.version_num < 160000) {
    checks.push_back({"primary", Level::fail,
                      "the server is a standby, and before PostgreSQL 16 a standby cannot decode",
                      on_the_primary(facts)});
    return;
  }
  checks.push_back({"primary", Level::warn,
                    "the server is a standby: capture reads it with a slot made here, but setup "
                    "needs the primary"});
}

Check check_wal_level(const DoctorFacts& facts) {
  const ServerFacts& server = facts.server;
  if (server.decodes())
    return ok("wal_level", server.wal_level == "logical"
                               ? "logical"
                               : server.wal_level + ", which the first slot makes logical");
  return failed(facts, "wal_level", "is " + server.wal_level + ", capture needs logical",
                {"wal_level", "logical", "cloudsql.logical_decoding=on", true});
}

/// Nothing is said where the server has no such setting, or shows it to nobody.
void check_plugins(const DoctorFacts& facts, std::vector<Check>& checks) {
  const auto& libraries = facts.server.output_plugin_libraries;
  if (!libraries || libraries->find("pgoutput") != std::string::npos) return;
  checks.push_back(
      failed(facts, "output_plugin",
             "output_plugin_libraries is '" + *libraries + "' and does not allow pgoutput",
             {"output_plugin_libraries",
              libraries->empty() ? "pgoutput" : *libraries + ", pgoutput", "", false}));
}

Check check_role(const DoctorFacts& facts) {
  const RoleFacts& role = facts.role;
  if (role.replication || role.superuser) {
    return ok("role", role.name + (role.replication ? " has REPLICATION" : " is a superuser") +
                          (facts.stream_error ? "" : ", and opens a stream"));
  }
  return {"role",
          Level::fail,
          role.name + " lacks the attribute REPLICATION",
          "ALTER ROLE " + database::quote_identifier(role.name) + " WITH REPLICATION;",
          false,
          administrator(facts.server)};
}

/// Where the server itself is. HOST where its session came by a socket of the pooler's machine.
std::string past_the_pooler(const DoctorFacts& facts) {
  const PoolerFacts& pooler = *facts.server.pooler;
  const bool named = !pooler.host.empty();
  return RemedyCommand(Command::doctor, given_options(facts))
      .with("dsn", database::shown_dsn(facts.source.dsn,
                                       {{"host", named ? pooler.host : "HOST"},
                                        {"hostaddr", ""},
                                        {"port", named ? std::to_string(pooler.port) : "5432"}}))
      .text();
}

/// A stream that opens is told with the role; a role without the attribute, and a server without a
/// free walsender, by their own checks.
void check_stream(const DoctorFacts& facts, std::vector<Check>& checks) {
  const ServerFacts& server = facts.server;
  const std::string pooler = "a pooler stands before the server";
  if (!facts.stream_error) {
    if (server.pooler)
      checks.push_back({"pooler", Level::warn,
                        pooler + ": it must keep whole sessions (pool_mode=session), and what it "
                                 "limits or closes ends the capture. Better without it",
                        past_the_pooler(facts)});
    return;
  }
  if (server.pooler) {
    checks.push_back({"stream", Level::fail,
                      pooler + " and opens no replication connection (" +
                          one_line(facts.stream_error->message) +
                          "): capture needs the server itself",
                      past_the_pooler(facts)});
    return;
  }
  const bool may = facts.role.replication || facts.role.superuser;
  if (!may || server.wal_senders_used >= server.wal_senders_max) return;
  checks.push_back(doctor::failed("stream", *facts.stream_error));
}

Check check_slots_free(const DoctorFacts& facts) {
  const ServerFacts& server = facts.server;
  const int free = server.replication_slots_max - server.replication_slots_used;
  const std::string finding = std::to_string(free) + " of " +
                              std::to_string(server.replication_slots_max) +
                              " replication slots are free";
  const SettingChange more{"max_replication_slots",
                           std::to_string(server.replication_slots_max + 10), "", true};
  const bool anchor = facts.window.wanted() && !facts.anchor;
  const int needed = static_cast<int>(!facts.slot) + static_cast<int>(anchor);
  if (free >= std::max(needed, 1)) return ok("free_slots", finding);
  if (!facts.slot) {
    return failed(facts, "free_slots",
                  finding +
                      (free > 0 ? ": the capture slot and its anchor need 2"
                                : ": the capture slot cannot be made") +
                      "; or drop one of pg_replication_slots that nobody needs",
                  more);
  }
  return changed(
      facts, "free_slots", Level::warn,
      finding + (anchor ? ": the anchor of the replay window cannot be made"
                        : ": run --to stdout, snapshot and replay each need one for a while"),
      more);
}

Check check_senders_free(const DoctorFacts& facts) {
  const ServerFacts& server = facts.server;
  const int free = server.wal_senders_max - server.wal_senders_used;
  const std::string finding = std::to_string(free) + " of " +
                              std::to_string(server.wal_senders_max) + " walsenders are free";
  // A connector that streams already holds the one it needs.
  if (free > 0 || (facts.slot && facts.slot->active)) return ok("free_senders", finding);
  return failed(facts, "free_senders", finding + ": nothing can stream",
                {"max_wal_senders", std::to_string(server.wal_senders_max + 10), "", true});
}

Check check_connections(const DoctorFacts& facts) {
  const ServerFacts& server = facts.server;
  const int free = server.connections_max - server.connections_used;
  const std::string finding = std::to_string(free) + " of " +
                              std::to_string(server.connections_max) +
                              " ordinary connections are free, capture uses 2";
  if (free >= 5) return ok("connections", finding);
  auto check = failed(facts, "connections", finding,
                      {"max_connections", std::to_string(server.connections_max + 50), "", true});
  if (free >= 2) check.level = Level::warn;
  return check;
}

/// CONNECTION LIMIT; a walsender counts as well.
void check_role_connections(const DoctorFacts& facts, std::vector<Check>& checks) {
  constexpr int kNeeded = 3;  // a stream, questions, and whoever asks beside them
  const RoleFacts& role = facts.role;
  if (!role.connections_max || role.superuser || *role.connections_max >= kNeeded) return;
  checks.push_back({"role_connections", Level::fail,
                    role.name + " may have " + std::to_string(*role.connections_max) +
                        " connections at once (CONNECTION LIMIT), capture and a look at it need " +
                        std::to_string(kNeeded),
                    "ALTER ROLE " + database::quote_identifier(role.name) + " CONNECTION LIMIT -1;",
                    false, administrator(facts.server)});
}

std::string megabytes(std::size_t bytes) { return std::to_string((bytes >> 20) + 1); }

Check check_keep_size(const DoctorFacts& facts) {
  const ServerFacts& server = facts.server;
  const ReplayWindow& window = facts.window;
  const auto keep = static_cast<std::size_t>(server.slot_keep_bytes_max.value_or(0));
  if (server.slot_keep_bytes_max && window.wanted() && keep <= window.bytes) {
    return changed(facts, "wal_keep_size", Level::warn,
                   "a slot may retain " + human_bytes(*server.slot_keep_bytes_max) +
                       " of WAL (max_slot_wal_keep_size), which the replay window of up to " +
                       human_bytes(static_cast<std::int64_t>(window.bytes)) +
                       " exceeds: the anchor gets lost",
                   {"max_slot_wal_keep_size", megabytes(2 * window.bytes), "", false});
  }
  if (server.slot_keep_bytes_max) {
    return ok("wal_keep_size", "a slot may retain " + human_bytes(*server.slot_keep_bytes_max) +
                                   " of WAL (max_slot_wal_keep_size)");
  }
  const std::size_t usual = std::size_t{10} << 30;
  const bool more = window.wanted() && 2 * window.bytes > usual;
  return failed(facts, "wal_keep_size",
                "max_slot_wal_keep_size is -1: a connector that stays down fills the server's disk",
                {"max_slot_wal_keep_size",
                 more               ? megabytes(2 * window.bytes)
                 : server.cloud_sql ? "10240"
                                    : "10GB",
                 "", false});
}

void check_idle_timeout(const DoctorFacts& facts, std::vector<Check>& checks) {
  if (!facts.server.idle_replication_slot_timeout) return;
  const auto idle = *facts.server.idle_replication_slot_timeout;
  if (idle.count() == 0) return;
  const bool anchor = facts.window.wanted() && idle <= facts.window.time;
  checks.push_back(changed(
      facts, "idle_timeout", Level::warn,
      "a slot that nobody reads for " + std::to_string(idle.count() / 1000) +
          " s is invalidated (idle_replication_slot_timeout)" +
          (anchor ? ", and the replay window's anchor rests for " +
                        std::to_string(facts.window.time.count() / 1000) + " s after each start"
                  : ""),
      {"idle_replication_slot_timeout", "0", "", false}));
}

void check_sender_timeout(const DoctorFacts& facts, std::vector<Check>& checks) {
  const auto timeout = facts.server.wal_sender_timeout.count();
  if (timeout >= 10'000) return;
  checks.push_back(changed(facts, "sender_timeout", Level::warn,
                           "wal_sender_timeout is " + std::to_string(timeout) +
                               (timeout == 0 ? " ms: a dead connection keeps the slot for hours"
                                             : " ms: a short pause of the network ends the stream"),
                           {"wal_sender_timeout", "60000", "", false}));
}

void check_encoding(const ServerFacts& server, std::vector<Check>& checks) {
  if (server.encoding != "SQL_ASCII") return;
  checks.push_back({"encoding", Level::warn,
                    "SQL_ASCII: the server vouches for no encoding; bytes that are not UTF-8 leave "
                    "as base64"});
}

void check_clock(const DoctorFacts& facts, std::vector<Check>& checks) {
  if (std::abs(facts.clock_skew_seconds) <= 5) return;
  char finding[96];
  std::snprintf(finding, sizeof finding, "the server's clock is %.1f s %s this machine's",
                std::abs(facts.clock_skew_seconds),
                facts.clock_skew_seconds < 0 ? "behind" : "ahead of");
  checks.push_back({"clock", Level::warn,
                    std::string(finding) + ": latencies and ages will be wrong",
                    "chronyc makestep"});
}

}  // namespace

std::string administrator(const ServerFacts& server) {
  return server.cloud_sql ? "postgres" : "a superuser";
}

Check setting_check(const DoctorFacts& facts, const std::string& check, Check::Level level,
                    const std::string& finding, const std::string& name, const std::string& value) {
  return changed(facts, check, level, finding, {name, value, "", false});
}

void check_server(const DoctorFacts& facts, std::vector<Check>& checks) {
  const ServerFacts& server = facts.server;
  checks.push_back(ok("connection", "PostgreSQL " + server.version + ", database " +
                                        server.database + (server.cloud_sql ? ", Cloud SQL" : "")));
  check_recovery(facts, checks);
  checks.push_back(check_wal_level(facts));
  check_plugins(facts, checks);
  checks.push_back(check_role(facts));
  check_stream(facts, checks);
  checks.push_back(check_slots_free(facts));
  checks.push_back(check_senders_free(facts));
  checks.push_back(check_connections(facts));
  check_role_connections(facts, checks);
  checks.push_back(check_keep_size(facts));
  check_idle_timeout(facts, checks);
  check_sender_timeout(facts, checks);
  check_encoding(server, checks);
  check_clock(facts, checks);
}

}  // namespace walpulse::connector
