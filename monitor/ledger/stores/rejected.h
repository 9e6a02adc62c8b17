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
};

}  // namespace walpulse::monitor
