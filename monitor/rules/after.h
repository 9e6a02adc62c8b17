#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "decoder/base/timestamp.h"
#include "monitor/rules/rules.h"

namespace walpulse::rules {

/// What a body may have beside captures and labels.
inline constexpr std::array<std::string_view, 16> kAfterNames = {
    "pipeline", "run",   "status", "source", "trigger", "trigger_id",  "ended_at", "seconds",
    "nth",      "block", "error",  "key",    "labels",  "traceparent", "team",     "owner"};

/// The end of a run, as a body tells it.
struct RunEnd {
  std::int64_t run = 0;
  std::string status;  ///< "COMPLETED"
  std::uint32_t nth = 1;
  Timestamp ended;
  std::optional<std::int64_t> trigger;  ///< Its id.
  std::optional<double> seconds;
  std::string block, error, traceparent;
  std::string key;  ///< Of the call: each attempt has the same.
};

/// What must run when a run of the subject has ended so, in the order of the file. `status` in
/// capital or small letters: "COMPLETED", "sla_missed".
std::vector<const AfterRule*> afters_of(const Rules& rules, const Subject& subject,
                                        std::string_view status);

/// What the placeholders of the table's body stand for; null where nothing is known.
BodyValues values_of(const Rules& rules, const AfterRule& after, const Subject& subject,
                     const RunEnd& end);

/// The body of an [[after]] that has none: all there is to say of the run.
const BodyTemplate& default_body();

}  // namespace walpulse::rules
