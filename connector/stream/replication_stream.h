#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "connector/stream/server_address.h"
#include "connector/stream/wakeup.h"
#include "connector/stream/wal_source.h"

namespace walpulse::connector {

struct ReplicationOptions {
  std::string dsn;  ///< conninfo or URI.
  /// UTF8, or SQL_ASCII on a SQL_ASCII database, where one stray byte would else block the slot.
  std::string client_encoding = "UTF8";
};

/// IDENTIFY_SYSTEM's answer.
struct SystemIdentity {
  std::uint64_t system_identifier = 0;
  std::uint32_t timeline = 0;
  Lsn flushed;  ///< End of the server's durable WAL.
};

/// One walsender session over libpq. The session's settings are pinned so that text does not depend
/// on the server's configuration. Errors: unavailable where the connection is lost or refused,
/// rejected where the server refused a command, malformed for broken frames. The code is the
/// SQLSTATE with which the server ended a command or the stream; 42704 also where it warned that a
/// publication is missing, as 18 does. One thread; only the Wakeup is shared.
class ReplicationStream final : public WalSource {
 public:
  /// Blocks up to the connect timeout (10 s where the dsn has none).
  static Result<std::unique_ptr<ReplicationStream>> connect(const ReplicationOptions& options,
                                                            Wakeup& wakeup);
  ~ReplicationStream() override;

  Result<SystemIdentity> identify();
  /// Where the history of the server's `timeline` left the timeline `old`; empty where it never was
  /// on that.
  Result<std::optional<Lsn>> fork_point(std::uint32_t timeline, std::uint32_t old);
  /// A temporary slot that starts where `slot` stands and dies with this session; says where.
  Result<Lsn> copy_slot(const std::string& slot, const std::string& copy);
  /// Moves a slot of this session's forward, with the WAL that it needs.
  Result<void> advance_slot(const std::string& slot, Lsn to);
  /// Streams with protocol 1; `from` 0/0 = where the slot stands.
  Result<void> start(const std::string& slot, Lsn from, const std::string& publication);

  Result<std::optional<Frame>> next(Clock::time_point deadline) override;
  void wait_without_reading(Clock::time_point deadline) override;
  Result<void> send(const Feedback& feedback) override;

  /// The server that sends.
  ServerAddress address() const;

 private:
  struct Session;
  explicit ReplicationStream(std::unique_ptr<Session> session);
  std::unique_ptr<Session> session_;
};

/// "START_REPLICATION ...": every option value is a string, the publication an identifier in one.
std::string start_command(const std::string& slot, Lsn from, const std::string& publication);

}  // namespace walpulse::connector
