#pragma once

#include <cstddef>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace walpulse::schema {

/// Pub/Sub message attributes as they are read: name and value, each name once.
using Attributes = std::vector<std::pair<std::string, std::string>>;

/// The same as they are sent: members of the JSON object that a publish request holds. A message
/// is written once, waits, and may be sent several times, so it waits in the form that is sent: one
/// piece of memory, whose size on the wire is known.
class AttributesJson {
 public:
  AttributesJson() = default;
  AttributesJson(std::initializer_list<std::pair<std::string_view, std::string_view>> attributes) {
    for (const auto& [name, value] : attributes) add(name, value);
  }
  AttributesJson(const Attributes& attributes) {  // NOLINT(google-explicit-constructor)
    for (const auto& [name, value] : attributes) add(name, value);
  }

  /// A name that is there already must not be added again. What is not UTF-8 is replaced.
  void add(std::string_view name, std::string_view value);
  /// Keeps its memory.
  void clear() { members_.clear(); }

  bool empty() const { return members_.empty(); }
  /// `"ce-id":"...","op":"c"`, without the braces.
  std::string_view members() const { return members_; }
  /// The same, for who writes members of his own.
  std::string& text() { return members_; }
  /// Read back, in their order. No hot path.
  Attributes read() const;
  /// Empty where there is none. No hot path.
  std::string find(std::string_view name) const;

 private:
  std::string members_;
};

inline constexpr std::string_view kChangeType = "walpulse.change";
inline constexpr std::string_view kHeartbeatType = "walpulse.heartbeat";
inline constexpr std::string_view kIntroductionType = "walpulse.introduction";
inline constexpr std::string_view kSnapshotEndType = "walpulse.snapshot_end";
inline constexpr std::string_view kContentType = "application/json";

/// Pub/Sub's limits (https://cloud.google.com/pubsub/quotas#resource_limits), in bytes.
inline constexpr std::size_t kAttributeNameBytesMax = 256;
inline constexpr std::size_t kAttributeValueBytesMax = 1024;

}  // namespace walpulse::schema
