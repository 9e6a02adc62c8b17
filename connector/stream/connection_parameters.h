#pragma once

#include <map>
#include <string>

#include "decoder/schema/result.h"

namespace walpulse::connector {

struct ReplicationOptions;

/// The keywords and values with which a replication connection is opened: what the dsn says, PG*
/// variables in its gaps, keepalives, and the settings that the text of rows depends on.
Result<std::map<std::string, std::string>> connection_parameters(const ReplicationOptions& options);

}  // namespace walpulse::connector
