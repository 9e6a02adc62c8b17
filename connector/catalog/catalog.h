#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "connector/catalog/base_types.h"
#include "connector/catalog/catalog_facts.h"
#include "decoder/base/result.h"

namespace walpulse::connector {

class SqlSession;

/// How long one question may take while nobody watches: `run` asks again instead of hanging.
inline constexpr std::chrono::milliseconds kQuestionTimeout{30'000};

/// Questions to the catalogs of PostgreSQL 13 to 18 over one ordinary connection. What a version
/// lacks is left out of the question, never found out by failing.
///
/// Errors: `unavailable` where the connection is gone or refused, `rejected` for SQL errors; the
/// code is the SQLSTATE, where the server said one ("57P01"). A lost connection stays lost: open
/// another. One thread at a time.
class Catalog {
 public:
  /// `dsn` is a conninfo string or URI, PG* variables fill its gaps. Connects within 10 s unless
  /// the dsn (or PGCONNECT_TIMEOUT) says otherwise. `statement_timeout`: of each question; 0: it
  /// may take for ever.
  static Result<std::unique_ptr<Catalog>> open(
      const std::string& dsn,
      std::chrono::milliseconds statement_timeout = std::chrono::milliseconds{0});
  ~Catalog();
  Catalog(const Catalog&) = delete;
  Catalog& operator=(const Catalog&) = delete;

  int version_num() const;
  /// False once the server or the network has closed the connection.
  bool connected() const;
  /// Of the connection's socket, for poll(): readable when the server said or closed something.
  int descriptor() const;

  Result<ServerFacts> server();
  /// Empty where there is no such slot.
  Result<std::optional<SlotState>> slot(const std::string& slot);
  Result<SenderState> sender(int pid);
  /// Empty before 17: no standby keeps a logical slot there.
  Result<std::optional<FailoverFacts>> failover();
  /// Empty where there is no such table.
  Result<std::optional<TableFacts>> table(const std::string& schema, const std::string& table);
  Result<std::optional<TableFacts>> table(Oid table);
  /// The table that has this name; where none has, the one that was captured under it.
  Result<std::optional<TableFacts>> table(const std::string& schema, const std::string& table,
                                          const std::optional<CaptureIdentity>& identity);
  /// What the types of the table's columns, and `type` where it is not 0, are underneath. Types
  /// that are gone are left out.
  Result<BaseTypes> base_types(Oid table, Oid type = {});
  /// In their order.
  Result<std::vector<ColumnType>> column_types(Oid table);
  /// As the server's statistics have it, and how many runs the last day had. Looks for two seconds
  /// at most.
  Result<BlockTraffic> block_traffic(const TableFacts& runs, const TableFacts& blocks);
  /// The databases of this server that take connections, templates left out, by name.
  Result<std::vector<std::string>> databases();
  /// Schemas in which a table of this name exists.
  Result<std::vector<std::string>> schemas_with(const std::string& table);
  /// Empty where there is no such publication. `table` decides publishes_table and the like.
  Result<std::optional<PublicationFacts>> publication(const std::string& publication, Oid table);
  Result<PublicationCheck> check_publication(const std::string& publication,
                                             const CaptureIdentity& identity);
  /// The identity in the publication's comment; empty without publication or comment; malformed
  /// where the comment is not walpulse's.
  Result<std::optional<CaptureIdentity>> identity(const std::string& publication);
  /// Every publication of this database with a comment of walpulse's.
  Result<std::vector<Capture>> captures();
  /// Privileges of the connected role; those on the table are false where `table` is 0.
  Result<RoleFacts> role(Oid table);
  Result<std::vector<OtherTransaction>> writing_transactions();
  /// Those of others that have, or wait for, a lock on one of these tables with which nobody can
  /// publish it, and, with `writers`, those that write to one.
  Result<std::vector<OtherTransaction>> lock_holders(const std::vector<Oid>& tables, bool writers);

  /// Runs one statement.
  Result<void> execute(const std::string& sql);
  /// Makes a permanent pgoutput slot, from 17 on one that standbys keep for a failover; returns its
  /// consistent point. The server waits for every transaction that writes at the moment: timed_out
  /// after `timeout`, nothing is left behind.
  Result<Lsn> create_slot(const std::string& slot, std::chrono::milliseconds timeout);
  /// Makes a permanent copy of a logical slot, at the very same position. Waits for nothing; the
  /// slot may be read meanwhile.
  Result<void> copy_slot(const std::string& from, const std::string& to);
  Result<void> drop_slot(const std::string& slot);
  /// Moves a slot that nobody reads forward to `to`, with the WAL that it needs (one call of the
  /// server's function moves its restart position by one step only, a second one the rest).
  Result<void> advance_slot(const std::string& slot, Lsn to);
  /// The commit time of the first transaction that a slot still holds of the publication, read from
  /// a temporary copy; empty where there is none or it was not found within `timeout`.
  Result<std::optional<Timestamp>> first_commit_time(const std::string& slot,
                                                     const std::string& publication,
                                                     std::chrono::milliseconds timeout);

 private:
  explicit Catalog(std::unique_ptr<SqlSession> session);
  std::unique_ptr<SqlSession> session_;
};

}  // namespace walpulse::connector
