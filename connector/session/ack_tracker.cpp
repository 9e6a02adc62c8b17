#include "connector/session/ack_tracker.h"

#include <algorithm>
#include <cassert>

namespace walpulse::connector {

void AckTracker::begin(Lsn commit) {
  const std::lock_guard lock(mutex_);
  assert(!open_);
  open_ = true;
  open_commit_ = commit;
  open_has_messages_ = false;
}

AckTracker::Ticket AckTracker::take() {
  const std::lock_guard lock(mutex_);
  assert(open_);
  if (!open_has_messages_) {
    Transaction& transaction = transactions_.emplace_back();
    transaction.open = true;
    transaction.commit = open_commit_;
    open_has_messages_ = true;
  }
  ++transactions_.back().unacknowledged;
  return oldest_ + transactions_.size() - 1;
}

void AckTracker::commit(ReachedPosition end) {
  const std::lock_guard lock(mutex_);
  assert(open_);
  open_ = false;
  taken_ = std::max(taken_, end.position);
  if (open_has_messages_) {
    transactions_.back().open = false;
    transactions_.back().end = end;
    settle();
  } else if (transactions_.empty()) {
    raise(end);
  } else {
    // Done already, but older ones are not: it becomes safe together with the newest of them.
    ReachedPosition& last = transactions_.back().end;
    if (end.position > last.position) last = end;
  }
}

void AckTracker::abandon() {
  const std::lock_guard lock(mutex_);
  if (open_ && open_has_messages_) {
    Transaction& transaction = transactions_.back();
    transaction.open = false;
    transaction.abandoned = true;  // keeps its ticket from being given out again
    settle();
  }
  open_ = false;
}

bool AckTracker::acknowledge(Ticket ticket) {
  const std::lock_guard lock(mutex_);
  if (ticket < oldest_) return false;  // no transaction's, or an abandoned one's
  if (ticket >= introduction_) {
    introduced_ = introduced_ || ticket == introduction_;
    return false;
  }
  assert(ticket - oldest_ < transactions_.size());
  Transaction& transaction = transactions_[ticket - oldest_];
  if (ticket >= stay_begins_) published_ = std::max(published_, transaction.commit);
  if (transaction.abandoned) return false;
  assert(transaction.unacknowledged > 0);
  --transaction.unacknowledged;
  return settle();
}

bool AckTracker::adopt(ReachedPosition keepalive) {
  const std::lock_guard lock(mutex_);
  return !open_ && transactions_.empty() && raise(keepalive);
}

AckTracker::Ticket AckTracker::new_stay() {
  const std::lock_guard lock(mutex_);
  introduced_ = false;
  stay_begins_ = oldest_ + transactions_.size();
  published_ = Lsn{};
  return --introduction_;
}

bool AckTracker::introduced() const {
  const std::lock_guard lock(mutex_);
  return introduced_;
}

Lsn AckTracker::published() const {
  const std::lock_guard lock(mutex_);
  return published_;
}

ReachedPosition AckTracker::safe() const {
  const std::lock_guard lock(mutex_);
  return safe_;
}

Lsn AckTracker::taken() const {
  const std::lock_guard lock(mutex_);
  return std::max(taken_, safe_.position);
}

bool AckTracker::idle() const {
  const std::lock_guard lock(mutex_);
  return !open_ && transactions_.empty();
}

bool AckTracker::settle() {
  bool advanced = false;
  while (!transactions_.empty()) {
    const Transaction& front = transactions_.front();
    if (front.open || (front.unacknowledged > 0 && !front.abandoned)) break;
    advanced = raise(front.end) || advanced;
    transactions_.pop_front();
    ++oldest_;
  }
  return advanced;
}

bool AckTracker::raise(const ReachedPosition& to) {
  safe_.current_at = std::max(safe_.current_at, to.current_at);
  if (to.position <= safe_.position) return false;
  safe_.position = to.position;
  return true;
}

}  // namespace walpulse::connector
