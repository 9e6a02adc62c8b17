// The doctor's checks of the server and of the role.
#include <algorithm>
#include <cmath>
#include <cstdio>

#include "connector/command/doctor_checks.h"
#include "connector/command/report_text.h"
#include "publisher/database/sql_quote.h"

namespace walpulse::connector {
namespace {

using Level = Check::Level;

/// The command that changes a server setting, in this server's way.
struct SettingChange {
  std::string name;
  std::string value;
  std::string cloud_sql_flag;  ///< Where it differs from `name=value`.
  bool restart = false;
};

std::string remedy(const ServerFacts& server, const SettingChange& change) {
  if (server.cloud_sql) {
    const auto flag =
        change.cloud_sql_flag.empty() ? change.name + "=" + change.value : change.cloud_sql_flag;
    // The list of flags replaces the instance's old one.
    return "gcloud sql instances patch INSTANCE --database-flags=" + flag +
           " (with every other flag that the instance has: the list replaces the old one)";
  }
  return "ALTER SYSTEM SET " + change.name + " = " + database::quote_literal(change.value) + ";" +
         (change.restart ? "" : " SELECT pg_catalog.pg_reload_conf();");
}

Check failed(const ServerFacts& server, const std::string& name, const std::string& finding,
             const SettingChange& change) {
  return {name, Level::fail, finding, remedy(server, change), change.restart};
}

Check ok(const std::string& name, const std::string& finding) {
  return {name, Level::ok, finding, "", false};
}

Check check_recovery(const ServerFacts& server) {
  if (!server.in_recovery) return ok("primary", "the server is a primary");
  if (server.version_num < 160000) {
    return {"primary", Level::fail,
            "the server is a standby, and before PostgreSQL 16 a standby cannot decode",
            "connect to the primary: --dsn 'host=PRIMARY ...'", false};
  }
  return {"primary", Level::warn,
          "the server is a standby: capture reads it with a slot made here, but setup needs the "
          "primary",
          "", false};
}

Check check_wal_level(const ServerFacts& server) {
  if (server.wal_level == "logical") return ok("wal_level", "logical");
  return failed(server, "wal_level", "is " + server.wal_level + ", capture needs logical",
                {"wal_level", "logical", "cloudsql.logical_decoding=on", true});
}

Check check_plugins(const ServerFacts& server) {
  const auto& libraries = server.output_plugin_libraries;
  if (!libraries) {
    return ok("output_plugin", "pgoutput is built in (output_plugin_libraries is not visible)");
  }
  if (libraries->find("pgoutput") != std::string::npos) {
    return ok("output_plugin", "output_plugin_libraries allows pgoutput");
  }
  return failed(server, "output_plugin",
                "output_plugin_libraries is '" + *libraries + "' and does not allow pgoutput",
                {"output_plugin_libraries", "pgoutput", "", false});
}

Check check_role(const RoleFacts& role) {
  if (role.replication || role.superuser) {
    return ok("role", role.name + (role.replication ? " has REPLICATION" : " is a superuser"));
  }
  return {"role", Level::fail, role.name + " lacks the attribute REPLICATION",
          "ALTER ROLE " + database::quote_identifier(role.name) + " WITH REPLICATION;", false};
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
    auto check = failed(server, "free_slots",
                        finding + (free > 0 ? ": the capture slot and its anchor need 2"
                                            : ": the capture slot cannot be made"),
                        more);
    check.remedy +=
        " Or drop a slot that nobody needs: SELECT slot_name, active, restart_lsn FROM "
        "pg_replication_slots;";
    return check;
  }
  return {"free_slots", Level::warn,
          finding + (anchor ? ": the anchor of the replay window cannot be made"
                            : ": run --to stdout, snapshot and replay each need one for a while"),
          remedy(server, more), true};
}

Check check_senders_free(const DoctorFacts& facts) {
  const ServerFacts& server = facts.server;
  const int free = server.wal_senders_max - server.wal_senders_used;
  const std::string finding = std::to_string(free) + " of " +
                              std::to_string(server.wal_senders_max) + " walsenders are free";
  // A connector that streams already holds the one it needs.
  if (free > 0 || (facts.slot && facts.slot->active)) return ok("free_senders", finding);
  return failed(server, "free_senders", finding + ": nothing can stream",
                {"max_wal_senders", std::to_string(server.wal_senders_max + 10), "", true});
}

Check check_connections(const ServerFacts& server) {
  const int free = server.connections_max - server.connections_used;
  const std::string finding = std::to_string(free) + " of " +
                              std::to_string(server.connections_max) +
                              " ordinary connections are free, capture uses 2";
  if (free >= 5) return ok("connections", finding);
  auto check = failed(server, "connections", finding,
                      {"max_connections", std::to_string(server.connections_max + 50), "", true});
  if (free >= 2) check.level = Level::warn;
  return check;
}

std::string megabytes(std::size_t bytes) { return std::to_string((bytes >> 20) + 1); }

Check check_keep_size(const ServerFacts& server, const ReplayWindow& window) {
  const auto keep = static_cast<std::size_t>(server.slot_keep_bytes_max.value_or(0));
  if (server.slot_keep_bytes_max && window.wanted() && keep <= window.bytes) {
    auto check = failed(server, "wal_keep_size",
                        "a slot may retain " + human_bytes(*server.slot_keep_bytes_max) +
                            " of WAL (max_slot_wal_keep_size), which the replay window of up to " +
                            human_bytes(static_cast<std::int64_t>(window.bytes)) +
                            " exceeds: the anchor gets lost",
                        {"max_slot_wal_keep_size", megabytes(2 * window.bytes), "", false});
    check.level = Level::warn;
    check.remedy += " Or a smaller --replay-window-bytes.";
    return check;
  }
  if (server.slot_keep_bytes_max) {
    return ok("wal_keep_size", "a slot may retain " + human_bytes(*server.slot_keep_bytes_max) +
                                   " of WAL (max_slot_wal_keep_size)");
  }
  return failed(server, "wal_keep_size",
                "max_slot_wal_keep_size is -1: a connector that stays down fills the server's disk",
                {"max_slot_wal_keep_size", server.cloud_sql ? "10240" : "10GB", "", false});
}

Check check_idle_timeout(const ServerFacts& server, const ReplayWindow& window) {
  const auto idle = *server.idle_replication_slot_timeout;
  if (idle.count() == 0) return ok("idle_timeout", "slots do not expire");
  const bool anchor = window.wanted() && idle <= window.time;
  return {"idle_timeout", Level::warn,
          "a slot that nobody reads for " + std::to_string(idle.count() / 1000) +
              " s is invalidated (idle_replication_slot_timeout)" +
              (anchor ? ", and the replay window's anchor rests for " +
                            std::to_string(window.time.count() / 1000) + " s after each start"
                      : ""),
          remedy(server, {"idle_replication_slot_timeout", "0", "", false}), false};
}

Check check_sender_timeout(const ServerFacts& server) {
  const auto timeout = server.wal_sender_timeout.count();
  const std::string finding = "wal_sender_timeout is " + std::to_string(timeout) + " ms";
  if (timeout >= 10'000) return ok("sender_timeout", finding);
  return {"sender_timeout", Level::warn,
          finding + (timeout == 0 ? ": a dead connection keeps the slot for hours"
                                  : ": a short pause of the network ends the stream"),
          remedy(server, {"wal_sender_timeout", "60000", "", false}), false};
}

Check check_encoding(const ServerFacts& server) {
  if (server.encoding != "SQL_ASCII") return ok("encoding", server.encoding);
  return {"encoding", Level::warn,
          "SQL_ASCII: the server vouches for no encoding; bytes that are not UTF-8 leave as base64",
          "", false};
}

Check check_clock(const DoctorFacts& facts) {
  char finding[96];
  std::snprintf(finding, sizeof finding, "the server's clock is %.1f s %s this machine's",
                std::abs(facts.clock_skew_seconds),
                facts.clock_skew_seconds < 0 ? "behind" : "ahead of");
  if (std::abs(facts.clock_skew_seconds) <= 5) return ok("clock", finding);
  return {"clock", Level::warn, std::string(finding) + ": latencies and ages will be wrong",
          "chronyc makestep", false};
}

}  // namespace

std::string setting_remedy(const ServerFacts& server, const std::string& name,
                           const std::string& value) {
  return remedy(server, {name, value, "", false});
}

void check_server(const DoctorFacts& facts, std::vector<Check>& checks) {
  const ServerFacts& server = facts.server;
  checks.push_back(ok("connection", "PostgreSQL " + server.version + ", database " +
                                        server.database + (server.cloud_sql ? ", Cloud SQL" : "")));
  checks.push_back(check_recovery(server));
  checks.push_back(check_wal_level(server));
  checks.push_back(check_plugins(server));
  checks.push_back(check_role(facts.role));
  checks.push_back(check_slots_free(facts));
  checks.push_back(check_senders_free(facts));
  checks.push_back(check_connections(server));
  checks.push_back(check_keep_size(server, facts.window));
  if (server.idle_replication_slot_timeout)
    checks.push_back(check_idle_timeout(server, facts.window));
  checks.push_back(check_sender_timeout(server));
  checks.push_back(check_encoding(server));
  checks.push_back(check_clock(facts));
}

}  // namespace walpulse::connector
