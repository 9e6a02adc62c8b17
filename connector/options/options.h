#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "connector/options/mage_tables.h"
#include "connector/options/replay_bound.h"
#include "decoder/base/result.h"
#include "decoder/base/table_name.h"
#include "publisher/config/sources.h"

namespace walpulse::connector {

/// Where the tables are, shared by every command.
struct SourceOptions {
  std::string dsn;  ///< libpq conninfo or URI of the capture role; PG* variables fill the gaps.
  std::string admin_dsn;  ///< The table owner's; `dsn` where empty.
  std::string slot = "walpulse";
  std::string publication = "walpulse";
  /// What is to be captured: the first for certain, the others as far as they exist.
  std::vector<TableName> tables = mage_tables("public");
  bool no_blocks = false;  ///< Mage's blocks are left out.
  std::string name;        ///< Of the source; `setup` takes the database's where empty.
};

/// --table names the only one.
inline bool is_one_table(const SourceOptions& source) { return source.tables.size() == 1; }

/// How much history the anchor slot keeps behind the live one; whichever is less WAL holds.
struct ReplayWindow {
  std::chrono::milliseconds time{6 * 3'600'000};  ///< 0: no anchor, nothing can be replayed.
  std::size_t bytes = 1u << 30;                   ///< Of WAL.
  bool wanted() const { return time.count() > 0; }
};

/// The slot that stays behind the live one, so that there is history to replay. It always fits: a
/// slot's name is at most kSlotNameMax bytes.
std::string anchor_slot(const SourceOptions& source);
inline constexpr const char* kAnchorSuffix = "_anchor";
inline constexpr std::size_t kSlotNameMax = 63 - 7;  ///< PostgreSQL's 63, without the suffix.

/// `--label partner=variables.partner`.
struct LabelOption {
  std::string name;
  std::string column;
  std::vector<std::string> path;  ///< Keys below the column; at least one.
};

/// What becomes of the events and where they go: the same for every command that publishes, so that
/// what each of them writes of one change is the same bytes.
struct PublishOptions {
  std::string to;                    ///< Sink URL.
  std::string push_audience;         ///< As publisher::SinkOptions has it.
  std::vector<std::string> columns;  ///< As --column has them (named_column()): they may leave
                                     ///< home though they hold JSON or a secret.
  std::vector<LabelOption> labels;   ///< Of the first table.
  bool block_error = false;          ///< The first line of a failed block's error may leave.
  unsigned ordering_keys = 64;
  std::size_t lanes = 8;
  std::size_t pending_bytes_max = 16u << 20;
};

/// The monitor has 8080, and may be on the same machine.
inline constexpr std::uint16_t kHttpPort = 8081;

struct RunOptions {
  SourceOptions source;
  ReplayWindow replay_window;  ///< `setup` and `doctor` too.
  PublishOptions publish;
  std::chrono::milliseconds heartbeat{10'000};
  std::chrono::milliseconds drain_deadline{8'000};
  std::chrono::milliseconds park_after{30'000};         ///< The sink took nothing for so long.
  std::chrono::milliseconds publication_check{30'000};  ///< Interval.
  std::string http_address = "127.0.0.1";  ///< In a container 0.0.0.0, unless it is given.
  std::optional<std::uint16_t> http_port;  ///< PORT or kHttpPort where unset; 0 = any free one.
  bool confirm = false;  ///< `--to stdout` only: consume the live slot instead of a temporary copy.
};

/// Which rows `snapshot` reads, and how fast.
struct SnapshotOptions {
  std::string where;                    ///< SQL; empty: all rows.
  std::optional<std::int64_t> from_id;  ///< Inclusive.
  std::optional<std::int64_t> to_id;
  std::size_t chunk_rows = 5'000;  ///< In one SELECT.
  std::uint64_t rate = 10'000;     ///< Rows a second; 0: as fast as it goes.
};

struct RecoverOptions {
  std::uint64_t epoch_above = 0;  ///< The old epoch, where no comment tells it any more.
};

/// Events a second where `--rate` does not say: Mage's database is often small, and so is a
/// consumer.
inline constexpr std::uint64_t kReplayRate = 5'000;

struct ReplayOptions {
  enum class Via { sql, stream };
  std::optional<ReplayBound> from;    ///< Needed.
  std::optional<ReplayBound> until;   ///< Empty: the end of the log at the start.
  bool follow = false;                ///< Go on until interrupted.
  std::optional<std::uint64_t> rate;  ///< Events a second, 0 = no limit; empty: kReplayRate, to
                                      ///< stdout no limit.
  Via via = Via::sql;
};

enum class Command { setup, run, replay, status, doctor, teardown, snapshot, recover };

/// One call of the program. Every command has run.source; the rest belongs to those named.
struct Invocation {
  Command command = Command::run;
  std::vector<std::string> arguments;  ///< As given, without the program's name.
  RunOptions run;                      ///< `doctor` reads `publish.to` as well.
  ReplayOptions replay;
  SnapshotOptions snapshot;
  RecoverOptions recover;
  /// setup, snapshot, recover: how long a slot may take to make.
  std::chrono::milliseconds slot_timeout{30'000};
  bool cloud_sql_iam = false;  ///< Log in with a token; main() sees to it.
  /// doctor: as whom --cloud-sql-iam logs in, or why it cannot; unset without.
  std::optional<Result<std::string>> login;
  bool print_sql = false;           ///< setup, recover: print the statements, do nothing.
  bool json = false;                ///< status, doctor.
  bool yes = false;                 ///< teardown, recover: do not ask.
  std::string log_format = "auto";  ///< auto, json, text.
  std::string log_level = "info";   ///< debug, info, warn, error.
};

/// Every rule that the settings of this command break.
std::vector<config::OptionProblem> validate(const Invocation& invocation);

inline constexpr const char* kConfigFile = "/etc/walpulse/connector.toml";

/// Flag > WALPULSE_* variable > configuration file > default. `arguments` without the program's
/// name. Reports every problem at once.
tl::expected<Invocation, config::Exit> parse_command_line(const std::vector<std::string>& arguments,
                                                          const config::Sources& sources);

}  // namespace walpulse::connector
