#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <string>

#include "decoder/base/result.h"
#include "decoder/base/types.h"

namespace walpulse::connector {

/// A type, and the one whose text form its values have: of a domain what it is a domain over, of
/// whatever holds JSON or a row, which may come to hold it (an array of either, a domain over them)
/// json, of others themselves.
using BaseTypes = std::map<Oid, Oid>;

/// Empty where the type is gone.
using BaseTypeFinder = std::function<Result<std::optional<Oid>>(Oid type)>;

/// Answers from `known`, else by `ask`, and keeps what it learns: what a type is underneath never
/// changes. That one is gone it believes for a minute, as one may be seen later than its rows.
BaseTypeFinder remembering(
    BaseTypes known, BaseTypeFinder ask,
    std::function<std::chrono::steady_clock::time_point()> now = &std::chrono::steady_clock::now);

/// Likewise; asks the catalog over a connection of its own, which takes some seconds at most: a
/// table gets a column of a new type while it is captured.
BaseTypeFinder base_type_finder(const std::string& dsn, BaseTypes known);

}  // namespace walpulse::connector
