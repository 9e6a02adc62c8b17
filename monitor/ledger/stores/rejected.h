#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "decoder/base/timestamp.h"
#include "decoder/schema/attributes.h"

namespace walpulse::monitor {

/// A message that was not applied, kept with the reason.
struct Rejected {
  std::int64_t id = 0;  ///< Given by the storage, rising.
  std::string message_id;
  Timestamp received;
  std::string reason;
  std::string data;
  schema::Attributes attributes;
};

/// What a row and its places in the indexes take beside the message.
inline constexpr std::int64_t kRejectedRowBytes = 200;
/// What keeping the message takes, by which all of them are bounded.
inline std::int64_t kept_bytes(const Rejected& message) {
  std::size_t bytes = message.message_id.size() + message.reason.size() + message.data.size();
  for (const auto& [name, value] : message.attributes) bytes += name.size() + value.size();
  return kRejectedRowBytes + static_cast<std::int64_t>(bytes);
}

/// One of them, without its message.
struct RejectedSize {
  std::int64_t id = 0;
  std::int64_t bytes = 0;
  bool forwarded = false;
  friend bool operator==(const RejectedSize&, const RejectedSize&) = default;
};

struct RejectedTotals {
  std::int64_t count = 0;
  std::int64_t bytes = 0;
  friend bool operator==(const RejectedTotals&, const RejectedTotals&) = default;
};

class RejectedStore {
 public:
  virtual ~RejectedStore() = default;
  /// Keeps the message, once per non-empty message id.
  virtual void add(const Rejected& message) = 0;
  /// The oldest `count_max` of those with an id beyond `after`.
  virtual std::vector<Rejected> after(std::int64_t after, std::size_t count_max) = 0;
  /// The oldest `count_max` of those not forwarded yet.
  virtual std::vector<Rejected> unforwarded(std::size_t count_max) = 0;
  virtual void mark_forwarded(std::span<const std::int64_t> ids) = 0;
  virtual void remove(std::span<const std::int64_t> ids) = 0;
  virtual RejectedTotals totals() = 0;
  /// The first `count_max` to go where they take too much: those forwarded, the oldest first, then
  /// the others likewise.
  virtual std::vector<RejectedSize> first_to_go(std::size_t count_max) = 0;
  /// `count_max` of those that were received before this.
  virtual std::vector<RejectedSize> received_before(Timestamp instant, std::size_t count_max) = 0;
};

}  // namespace walpulse::monitor
