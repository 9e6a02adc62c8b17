#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "monitor/problems/problem.h"

namespace walpulse::monitor {

// What of a problem only its reader looks at, as bytes, the same in every storage.

std::string encode_evidence(const Evidence& evidence);
std::optional<Evidence> decode_evidence(std::string_view bytes);

/// No bytes where there is no cause.
std::string encode_cause(const std::optional<ProblemKey>& cause);
/// False where they do not read.
bool decode_cause(std::string_view bytes, std::optional<ProblemKey>& cause);

/// Nothing where there is no such severity.
std::optional<Severity> stored_severity(std::int64_t number);
/// Nothing where no kind has the number, as what a newer version wrote.
std::optional<ProblemKind> stored_kind(std::int64_t number);

}  // namespace walpulse::monitor
