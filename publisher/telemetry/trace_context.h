#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "decoder/schema/attributes.h"

namespace walpulse::telemetry {

/// Which request a line belongs to (https://www.w3.org/TR/trace-context/#traceparent-header).
struct TraceContext {
  std::string trace_id;  ///< 32 hexadecimal digits.
  std::string span_id;   ///< 16.
  bool sampled = false;
};

/// Nothing for what is no traceparent, or all zeros.
std::optional<TraceContext> parse_traceparent(std::string_view text);

/// What a message's publisher sent along
/// (https://cloud.google.com/pubsub/docs/open-telemetry-tracing); empty where it did not.
std::string traceparent_of(const schema::Attributes& attributes);

/// While it lives, the lines that this thread logs carry the trace. May be nested; an empty or
/// malformed `traceparent` changes nothing.
class TraceScope {
 public:
  explicit TraceScope(std::string_view traceparent);
  ~TraceScope();
  TraceScope(const TraceScope&) = delete;
  TraceScope& operator=(const TraceScope&) = delete;

  /// This thread's; null where there is none.
  static const TraceContext* current();

 private:
  const std::optional<TraceContext> context_;
  const TraceContext* const outer_;
};

}  // namespace walpulse::telemetry
