#pragma once

#include <optional>
#include <string>
#include <vector>

#include "decoder/base/types.h"

namespace walpulse::connector {

/// The command line that goes on where a replay was interrupted: the arguments as given, with
/// `--from` at `from` (unchanged where empty) and, where the end was left to the moment of the
/// start, with that as `--until`. Ready for a shell. Pure.
std::string resume_command(const std::vector<std::string>& arguments, std::optional<Lsn> from,
                           std::optional<Lsn> until);

}  // namespace walpulse::connector
