#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "decoder/base/result.h"
#include "monitor/storage/postgres/postgres_database.h"

namespace walpulse::monitor {

/// What a database says about the ledger that is in it, or is to be.
struct PostgresFacts {
  std::int64_t server_version = 0;  ///< 150014
  std::string server;               ///< "15.14"
  std::string database;
  std::string role;
  bool in_recovery = false;  ///< A standby.
  bool read_only = false;    ///< Transactions are, by default.
  bool fsync = true;         ///< Also of full_page_writes: is a crash of the server survived?

  bool schema_exists = false;
  bool may_create_schema = false;
  bool may_create_tables = false;           ///< In the schema.
  std::vector<std::string> other_makers;    ///< Roles that may create in it, too.
  std::int64_t version = 0;                 ///< Of the ledger's tables; zero: there is none yet.
  std::int64_t known_version = 0;           ///< To this build.
  std::vector<std::string> strange_tables;  ///< In the schema, which holds no ledger.
  std::vector<std::string> denied_tables;   ///< That the role may not read and write.

  struct Publication {
    std::string name;
    bool all_tables = false;
    bool whole_schema = false;
    std::vector<std::string> tables;  ///< The ledger's, where they are named one by one.
  };
  std::vector<Publication> publications;  ///< That would capture the ledger's tables.
};

/// Where a server is, as its own session has it.
struct ServerPlace {
  std::string host;  ///< Empty: the session came by a Unix socket.
  std::int64_t port = 0;
};
/// Two connections that are open at once have one session of the server's in turn: a pooler in
/// transaction or statement mode stands before it. Nothing where they do not, or do not open.
std::optional<ServerPlace> behind_shared_sessions(const PostgresTarget& target);

/// Connects and looks. Changes nothing. Errors: unavailable.
Result<PostgresFacts> inspect_postgres(PostgresTarget target);

}  // namespace walpulse::monitor
