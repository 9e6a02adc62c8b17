#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace walpulse::schema {

/// Pub/Sub message attributes: name and value, each name once.
using Attributes = std::vector<std::pair<std::string, std::string>>;

inline constexpr std::string_view kChangeType = "walpulse.change";
inline constexpr std::string_view kHeartbeatType = "walpulse.heartbeat";
inline constexpr std::string_view kSnapshotEndType = "walpulse.snapshot_end";
inline constexpr std::string_view kContentType = "application/json";

/// Pub/Sub's limits (https://cloud.google.com/pubsub/quotas#resource_limits), in bytes.
inline constexpr std::size_t kAttributeNameBytesMax = 256;
inline constexpr std::size_t kAttributeValueBytesMax = 1024;

}  // namespace walpulse::schema
