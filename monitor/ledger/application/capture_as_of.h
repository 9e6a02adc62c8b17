#pragma once

#include <optional>
#include <vector>

#include "decoder/base/timestamp.h"
#include "monitor/ledger/stores/storage.h"

namespace walpulse::monitor {

/// The tables of one capture, of which its heartbeats name the first alone, and speak for all:
/// `source` of `context`, and those under its name that share the newest epoch that counts of it.
std::vector<const SourceRow*> capture_of(const Context& context, const SourceRow& source);

/// As of when the table `source` of `context` is known, by the server's clock; nothing while
/// unknown: the newest SourceRow::as_of of its capture.
std::optional<Timestamp> capture_as_of(const Context& context, const SourceRow& source);

}  // namespace walpulse::monitor
