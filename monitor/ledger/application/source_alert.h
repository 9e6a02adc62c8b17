#pragma once

#include <cstdint>
#include <string>

#include "decoder/base/timestamp.h"

namespace walpulse::monitor {

/// Something about a source that a metric cannot say. Told at most once: a process that ends
/// between its transaction and the telling leaves it untold, and no redelivery tells it. The counts
/// are exact all the same.
struct SourceAlert {
  enum class Kind { conflict, name_taken, late_event };
  Kind kind = Kind::conflict;
  std::string source;  ///< "mage/public.pipeline_run".
  Timestamp at;
  std::string traceparent = {};  ///< Of the message that said so; empty: none, or an older message.
  std::uint64_t epoch = 0;       ///< name_taken: which one was refused.
};

}  // namespace walpulse::monitor
