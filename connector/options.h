#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "decoder/schema/result.h"

namespace walpulse::connector {

/// Where the table is, shared by every command.
struct SourceOptions {
  std::string dsn;        ///< libpq conninfo or URI of the capture role; PG* variables fill the gaps.
  std::string admin_dsn;  ///< The table owner's; `dsn` where empty.
  std::string slot = "walpulse";
  std::string publication = "walpulse";
  std::string schema = "public";
  std::string table = "pipeline_run";
  std::string name;  ///< Of the source; `setup` takes the database's where empty.
};

/// `--label partner=variables.partner`.
struct LabelOption {
  std::string name;
  std::string column;
  std::vector<std::string> path;  ///< Keys below the column; at least one.
};

struct RunOptions {
  SourceOptions source;
  std::string to;  ///< Sink URL.
  std::vector<std::string> columns;  ///< JSON columns that may leave home, by `--column`.
  std::vector<LabelOption> labels;
  unsigned ordering_keys = 64;
  std::size_t lanes = 8;
  std::size_t pending_bytes_max = 16u << 20;
  std::chrono::milliseconds heartbeat{10'000};
  std::chrono::milliseconds drain_deadline{8'000};
  std::string http_address = "0.0.0.0";
  std::optional<std::uint16_t> http_port;  ///< PORT or 8080 where unset; 0 = any free one.
  bool confirm = false;  ///< `--to stdout` only: consume the live slot instead of a temporary copy.
};

}  // namespace walpulse::connector
