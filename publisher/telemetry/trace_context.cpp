#include "publisher/telemetry/trace_context.h"

#include <algorithm>

namespace walpulse::telemetry {
namespace {

thread_local const TraceContext* current_trace = nullptr;

bool is_hex(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

bool is_zero(std::string_view text) { return text.find_first_not_of('0') == text.npos; }

}  // namespace

std::optional<TraceContext> parse_traceparent(std::string_view text) {
  // version-trace-span-flags; later versions may have more behind another dash.
  constexpr std::size_t kSize = 55;
  if (text.size() < kSize || text[2] != '-' || text[35] != '-' || text[52] != '-') {
    return std::nullopt;
  }
  if (text.size() > kSize && (text[kSize] != '-' || text.substr(0, 2) == "00")) return std::nullopt;
  const std::string_view version = text.substr(0, 2);
  const std::string_view trace = text.substr(3, 32);
  const std::string_view span = text.substr(36, 16);
  const std::string_view flags = text.substr(53, 2);
  if (!is_hex(version) || version == "ff" || !is_hex(trace) || is_zero(trace) || !is_hex(span) ||
      is_zero(span) || !is_hex(flags)) {
    return std::nullopt;
  }
  const char last = flags[1];
  const int digit = last <= '9' ? last - '0' : last - 'a' + 10;
  return TraceContext{std::string(trace), std::string(span), (digit & 1) != 0};
}

std::string traceparent_of(const schema::Attributes& attributes) {
  for (const auto& [name, value] : attributes) {
    if (name == "googclient_traceparent" || name == "traceparent") return std::string(value);
  }
  return {};
}

TraceScope::TraceScope(std::string_view traceparent)
    : context_(parse_traceparent(traceparent)), outer_(current_trace) {
  if (context_) current_trace = &*context_;
}

TraceScope::~TraceScope() { current_trace = outer_; }

const TraceContext* TraceScope::current() { return current_trace; }

}  // namespace walpulse::telemetry
