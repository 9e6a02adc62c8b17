#pragma once

#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>

namespace walpulse::connector {

/// Up to which id every row was delivered: rows are taken in the order of their ids and
/// acknowledged in any order. All calls are safe together. Memory is bounded by what is in flight.
class DeliveredRows {
 public:
  /// Ids ascend. The ticket is to be handed back by acknowledge().
  std::uint64_t take(std::int64_t id);
  /// Ticket 0 is nobody's.
  void acknowledge(std::uint64_t ticket);
  /// Empty before the first.
  std::optional<std::int64_t> last_id() const;

 private:
  struct Row {
    std::int64_t id;
    bool delivered = false;
  };
  mutable std::mutex mutex_;
  std::deque<Row> rows_;  ///< From the first that is not delivered on.
  std::uint64_t first_ticket_ = 1;
  std::optional<std::int64_t> last_id_;
};

}  // namespace walpulse::connector
