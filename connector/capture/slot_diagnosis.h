#pragma once

#include <chrono>
#include <string>

#include "connector/options/options.h"
#include "connector/session/failure.h"

namespace walpulse::connector {

/// judge(), after asking the catalog over a connection of its own how the slot is.
Failure judge_with_slot(const SourceOptions& source, const Error& error);

/// Waits until the catalog shows `position` as confirmed; false where it did not within `time`.
bool await_confirmed(const SourceOptions& source, Lsn position, std::chrono::milliseconds time);

}  // namespace walpulse::connector
