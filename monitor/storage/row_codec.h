#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "decoder/base/timestamp.h"
#include "decoder/schema/attributes.h"
#include "decoder/schema/change_event.h"
#include "monitor/ledger/timeline/label_bytes.h"
#include "publisher/telemetry/metric.h"

namespace walpulse::monitor {

// Values of rows as numbers and bytes, the same in every storage; sets of labels as label_bytes.h
// writes them.

/// Microseconds since 1970, and back.
inline std::int64_t stored(Timestamp instant) { return instant.time_since_epoch().count(); }
inline Timestamp restored(std::int64_t microseconds) {
  return Timestamp(std::chrono::microseconds(microseconds));
}

/// SQL has no unsigned numbers: the same 64 bits.
inline std::int64_t signed_of(std::uint64_t number) { return static_cast<std::int64_t>(number); }
inline std::uint64_t unsigned_of(std::int64_t number) { return static_cast<std::uint64_t>(number); }

std::string encode_number(const telemetry::Number& value);
std::optional<telemetry::Number> decode_number(std::string_view bytes);

std::string encode_attributes(const schema::Attributes& attributes);
std::optional<schema::Attributes> decode_attributes(std::string_view bytes);

std::string encode_follows(const std::vector<std::uint64_t>& epochs);
std::optional<std::vector<std::uint64_t>> decode_follows(std::string_view bytes);

/// 24 bytes that sort as the position does.
std::string encode_position(const schema::Position& position);
std::optional<schema::Position> decode_position(std::string_view bytes);

}  // namespace walpulse::monitor
