#include "connector/snapshot/delivered_rows.h"

namespace walpulse::connector {

std::uint64_t DeliveredRows::take(std::int64_t id) {
  const std::lock_guard lock(mutex_);
  rows_.push_back({id});
  return first_ticket_ + rows_.size() - 1;
}

void DeliveredRows::acknowledge(std::uint64_t ticket) {
  const std::lock_guard lock(mutex_);
  if (ticket < first_ticket_ || ticket - first_ticket_ >= rows_.size()) return;
  rows_[ticket - first_ticket_].delivered = true;
  while (!rows_.empty() && rows_.front().delivered) {
    last_id_ = rows_.front().id;
    rows_.pop_front();
    ++first_ticket_;
  }
}

std::optional<std::int64_t> DeliveredRows::last_id() const {
  const std::lock_guard lock(mutex_);
  return last_id_;
}

}  // namespace walpulse::connector
