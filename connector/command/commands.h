#pragma once

#include <functional>
#include <iosfwd>
#include <vector>

#include "connector/options/options.h"
#include "decoder/base/result.h"

namespace walpulse::connector {

/// Where a command reads an answer and writes its report.
struct Terminal {
  std::istream& in;
  std::ostream& out;
  std::ostream& err;
  bool interactive = false;  ///< A person can be asked.
};

/// Delivers every row of these tables to --to, and returns when the sink has them.
using ReadTables = std::function<Result<void>(const std::vector<TableName>& tables)>;

/// Opens a replication connection, asks it IDENTIFY_SYSTEM, and closes it.
using TryStream = std::function<Result<void>(const std::string& dsn)>;

// The commands beside `run`. Each returns the exit code that --help promises.
int setup_command(const Invocation& invocation, const Terminal& terminal, const ReadTables& read);
int status_command(const Invocation& invocation, const Terminal& terminal);
int doctor_command(const Invocation& invocation, const Terminal& terminal,
                   const TryStream& try_stream);
int teardown_command(const Invocation& invocation, const Terminal& terminal);

}  // namespace walpulse::connector
