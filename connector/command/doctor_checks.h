#pragma once

#include <optional>
#include <string>
#include <vector>

#include "connector/catalog/catalog_facts.h"
#include "connector/command/remedy_command.h"
#include "connector/command/setup_plan.h"
#include "connector/options/options.h"
#include "decoder/base/result.h"
#include "publisher/database/dsn.h"
#include "publisher/doctor/check.h"

namespace walpulse::connector {

/// What `doctor` gathered. Everything but the sink is missing where the server could not be
/// reached.
struct DoctorFacts {
  SourceOptions source;
  /// Of which of the other tables `table`, `publication` and `role` are; empty: of the first.
  std::optional<TableName> other;
  ReplayWindow window;
  std::string to;  ///< The sink's URL; empty: not asked for.
  std::string push_audience;
  bool cloud_sql_iam = false;
  std::optional<Result<std::string>> login;  ///< As Invocation has it.
  std::optional<Error> login_scope_error;    ///< Tokens lack what the database wants of them.
  std::optional<Error> connection_error;
  std::optional<Error> stream_error;  ///< A replication connection was tried, and there is none.
  std::optional<Error> admin_error;   ///< --admin-dsn leads nowhere.
  database::Answer answer = database::Answer::none;  ///< Of the server, to no role in particular.
  ServerFacts server;
  RoleFacts role;
  std::optional<TableFacts> table;
  std::vector<ColumnType> column_types;  ///< Of the table.
  std::vector<OtherTable> others;        ///< As SetupFacts has them.
  std::optional<BlockTraffic> blocks;    ///< Empty: not known.
  std::vector<std::string> schemas_with_table;
  /// Of the server; also where the wanted one could not be reached but another could.
  std::vector<std::string> databases;
  std::optional<PublicationFacts> publication;
  std::optional<SlotState> slot;
  std::optional<SlotState> anchor;
  std::optional<FailoverFacts> failover;  ///< Empty before PostgreSQL 17.
  double clock_skew_seconds = 0;          ///< Server minus here, without half of the round trip.
  std::string sink;           ///< The sink's name, without a query; empty: not asked for.
  std::string sink_identity;  ///< As whom it sends; empty: as nobody.
  std::optional<Error> sink_error;
};

/// Its remedy is a whole command or whole statements, to be pasted as they are.
using doctor::Check;

/// Every precondition of capture, in the order in which they build on each other. Pure.
std::vector<Check> check_all(const DoctorFacts& facts);

// The parts of check_all.
void check_server(const DoctorFacts& facts, std::vector<Check>& checks);
void check_capture(const DoctorFacts& facts, std::vector<Check>& checks);
void check_columns(const DoctorFacts& facts, std::vector<Check>& checks);
void check_publication(const DoctorFacts& facts, std::vector<Check>& checks);
void check_other_tables(const DoctorFacts& facts, std::vector<Check>& checks);
// What is checked of each captured table.
Check check_table(const DoctorFacts& facts);
Check check_replica_identity(const DoctorFacts& facts);
Check check_snapshot_privileges(const DoctorFacts& facts);
void check_row_security(const DoctorFacts& facts, std::vector<Check>& checks);
void check_what_is_left_out(const DoctorFacts& facts, std::vector<Check>& checks);
/// A check whose remedy the table's owner runs.
Check as_the_owner(const DoctorFacts& facts, Check check);
void check_slots(const DoctorFacts& facts, std::vector<Check>& checks);
void check_failover(const DoctorFacts& facts, std::vector<Check>& checks);

/// What the table is called in events.
const TableName& event_name(const DoctorFacts& facts);

/// What the table is called now, in quotes; as configured where there is none.
std::string table_name(const DoctorFacts& facts);

/// The publication has a comment of walpulse's.
bool is_set_up(const DoctorFacts& facts);

/// The options in force.
GivenOptions given_options(const DoctorFacts& facts);

// Commands of remedies, as whoever may. The primary's and the sink's names stand in capitals where
// they are not known.
std::string setup_remedy(const DoctorFacts& facts);
std::string recover_remedy(const DoctorFacts& facts);
std::string on_the_primary(const DoctorFacts& facts);
/// `doctor` on another database of the server.
std::string in_database(const DoctorFacts& facts, const std::string& database);

/// Of the server, beside the wanted one: the one of the most similar name first, `postgres` last.
std::vector<std::string> other_databases(const DoctorFacts& facts);

/// Who may change settings and give attributes.
std::string administrator(const ServerFacts& server);

/// The check whose remedy changes a setting that needs no restart, in this server's way.
Check setting_check(const DoctorFacts& facts, const std::string& check, Check::Level level,
                    const std::string& finding, const std::string& name, const std::string& value);

}  // namespace walpulse::connector
