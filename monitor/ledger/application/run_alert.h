#pragma once

#include <cstdint>
#include <string>

#include "decoder/base/timestamp.h"
#include "publisher/telemetry/metric.h"

namespace walpulse::monitor {

/// Something that a metric cannot say: which run it was. Told at most once: a process that ends
/// between its transaction and the telling leaves it untold, and no redelivery tells it. The counts
/// are exact all the same.
struct RunAlert {
  enum class Kind { failed, sla_missed, orphaned, conflict, name_taken, late_event };
  Kind kind = Kind::failed;
  std::string source;  ///< "mage/public.pipeline_run".
  std::int64_t run_id = 0;
  telemetry::Labels labels;      ///< pipeline, trigger and those taken from `variables`.
  double duration_seconds = -1;  ///< Negative: unknown.
  Timestamp at;
  std::string traceparent = {};  ///< Of the message that said so; empty: none, or an older message.
  std::uint64_t epoch = 0;       ///< name_taken: which one was refused.
  std::string block = {};        ///< failed: the first block that failed; empty: none is known.
  std::string error = {};        ///< Of that block, where the connector lets it out.
};

}  // namespace walpulse::monitor
