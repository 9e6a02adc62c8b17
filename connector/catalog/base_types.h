#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>

#include "decoder/schema/result.h"
#include "decoder/schema/types.h"

namespace walpulse::connector {

/// A type, and the one whose text form its values have: of a domain what it is a domain over, of
/// whatever holds JSON (an array of it, a row with it, a domain over either) json, of others
/// themselves.
using BaseTypes = std::map<Oid, Oid>;

/// Looks a type up in `known`, and where it is not there asks the catalog over a connection of its
/// own, which takes some seconds at most: a table gets a column of a new type while it is captured.
/// Empty where the type is gone. Keeps what it learns.
std::function<Result<std::optional<Oid>>(Oid type)> base_type_finder(const std::string& dsn,
                                                                     BaseTypes known);

}  // namespace walpulse::connector
