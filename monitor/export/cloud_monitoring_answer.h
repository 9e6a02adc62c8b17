#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "monitor/ledger/export_queue.h"
#include "publisher/http/client.h"

namespace walpulse::monitor {

/// What Cloud Monitoring's answer to timeSeries.create says of each point of the call.
struct WriteAnswer {
  std::vector<ExportResult> results;
  /// Nothing of the call was written: its results name the points that are to blame, where the
  /// service said which, and the others may be sent again without them.
  bool whole_call_refused = false;
};

/// Failing points are listed in error.message only, as index ranges ("timeSeries[0-31]"); how many
/// were written stands in error.details (google.monitoring.v3.CreateTimeSeriesSummary). Points that
/// nothing says were written count as not written: the next export writes them again, later and
/// harmlessly. Reasons: out_of_order, older_start, too_frequent, duplicate, too_old, too_new,
/// resource, internal, refused, denied, unavailable.
WriteAnswer read_write_answer(const http::Response& response, std::size_t point_count);

/// The reason that a refusal's text means.
std::string_view refusal_reason(std::string_view text);

}  // namespace walpulse::monitor
