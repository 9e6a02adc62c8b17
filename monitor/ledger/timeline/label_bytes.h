#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "publisher/telemetry/metric.h"

namespace walpulse::monitor {

/// A set of labels as bytes, the same for the same set, so that bytes can be compared and be a key:
/// the count, then each name and value by rising name, each as its length and its text. Counts and
/// lengths take 7 bits a byte, low ones first. Ledgers on disk hold such bytes.
std::string encode_labels(const telemetry::Labels& labels);
/// By rising name, each once.
using LabelView = std::pair<std::string_view, std::string_view>;
std::string encode_sorted_labels(std::span<const LabelView> labels);
/// Nothing where the bytes are not what encode_labels() writes.
std::optional<telemetry::Labels> decode_labels(std::string_view bytes);

}  // namespace walpulse::monitor
