#pragma once

#include <map>
#include <string>

#include "decoder/base/result.h"

namespace walpulse::connector {

/// The keywords and values with which a replication connection is opened: what the dsn says, PG*
/// variables in its gaps, and keepalives.
Result<std::map<std::string, std::string>> connection_parameters(const std::string& dsn);

}  // namespace walpulse::connector
