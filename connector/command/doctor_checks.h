#pragma once

#include <optional>
#include <string>
#include <vector>

#include "connector/catalog/catalog_facts.h"
#include "connector/options/options.h"
#include "decoder/base/result.h"
#include "publisher/doctor/check.h"

namespace walpulse::connector {

/// What `doctor` gathered. Everything but the sink is missing where the server could not be
/// reached.
struct DoctorFacts {
  SourceOptions source;
  ReplayWindow window;
  std::optional<Result<std::string>> login;  ///< As Invocation has it.
  std::optional<Error> login_scope_error;    ///< Tokens lack what the database wants of them.
  std::optional<Error> connection_error;
  ServerFacts server;
  RoleFacts role;
  std::optional<TableFacts> table;
  std::vector<ColumnType> column_types;  ///< Of the table.
  std::vector<std::string> schemas_with_table;
  std::optional<PublicationFacts> publication;
  std::optional<SlotState> slot;
  std::optional<SlotState> anchor;
  std::optional<FailoverFacts> failover;  ///< Empty before PostgreSQL 17.
  double clock_skew_seconds = 0;          ///< Server minus here, without half of the round trip.
  std::string sink;           ///< The sink's name, without a query; empty: not asked for.
  std::string sink_identity;  ///< As whom it sends; empty: as nobody.
  std::optional<Error> sink_error;
};

/// Its remedy is a command to run as it is, where one can be said.
using doctor::Check;

/// Every precondition of capture, in the order in which they build on each other. Pure.
std::vector<Check> check_all(const DoctorFacts& facts);

// The parts of check_all.
void check_server(const DoctorFacts& facts, std::vector<Check>& checks);
void check_capture(const DoctorFacts& facts, std::vector<Check>& checks);
void check_columns(const DoctorFacts& facts, std::vector<Check>& checks);
void check_failover(const DoctorFacts& facts, std::vector<Check>& checks);

/// What the table is called now, in quotes; as configured where there is none.
std::string table_name(const DoctorFacts& facts);

/// The command that changes a setting which needs no restart, in this server's way.
std::string setting_remedy(const ServerFacts& server, const std::string& name,
                           const std::string& value);

}  // namespace walpulse::connector
