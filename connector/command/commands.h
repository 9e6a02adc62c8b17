#pragma once

#include <iosfwd>

#include "connector/options/options.h"

namespace walpulse::connector {

/// Where a command reads an answer and writes its report.
struct Terminal {
  std::istream& in;
  std::ostream& out;
  std::ostream& err;
  bool interactive = false;  ///< A person can be asked.
};

// The commands beside `run`. Each returns the exit code that --help promises.
int setup_command(const Invocation& invocation, const Terminal& terminal);
int status_command(const Invocation& invocation, const Terminal& terminal);
int doctor_command(const Invocation& invocation, const Terminal& terminal);
int teardown_command(const Invocation& invocation, const Terminal& terminal);

}  // namespace walpulse::connector
