#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "monitor/ledger/storage.h"

namespace walpulse::monitor {

/// A run as bytes, the same in every storage: an entry takes some 25 bytes, since most of what it
/// says is what the entry before it said. `state` is among them.
std::string encode_run(const Run& run);
std::optional<Run> decode_run(std::string_view bytes);
/// A run that stood in a storage as these bytes.
std::optional<StoredRun> stored_run(const RunKey& key, std::string_view bytes);

}  // namespace walpulse::monitor
