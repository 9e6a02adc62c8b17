#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "monitor/ledger/stores/runs.h"
#include "monitor/storage/string_interner.h"

namespace walpulse::monitor {

/// A run as bytes, the same in every storage that lasts: an entry takes some 25 bytes, since most
/// of what it says is what the entry before it said. `state` is among them. With `texts`, which
/// must then be given to read it too, its names and labels stand there.
std::string encode_run(const Run& run, StringInterner* texts = nullptr);
std::optional<Run> decode_run(std::string_view bytes, const StringInterner* texts = nullptr);
/// A run that stood in a storage as these bytes; outdated where an earlier build wrote them.
std::optional<StoredRun> stored_run(const RunKey& key, std::string_view bytes,
                                    const StringInterner* texts = nullptr);

}  // namespace walpulse::monitor
