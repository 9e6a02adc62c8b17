#include <utility>

#include "monitor/ledger/ledger_core.h"

/// Who leads.
namespace walpulse::monitor {
namespace {

constexpr const char* kLeader = "leader";  // Pinned, for the other instances to show.

}  // namespace

Result<Leadership> LedgerCore::lead(std::chrono::milliseconds ttl) {
  const std::lock_guard lock(mutex_);
  const std::uint64_t held = generation();
  const Clock::time_point until = Clock::now() + ttl;
  auto led = transactions_.run(Intent::share, [&](Transaction& in) {
    Lead lead{in.lease().take(holder_, ttl), until, options_.instance};
    if (lead.generation == 0) {
      lead.leader = in.pins().value(kLeader);
    } else if (lead.generation != held) {
      in.pins().pin(kLeader, options_.instance);
    }
    return lead;
  });
  if (!led) return tl::unexpected(led.error());
  set_lead(*std::move(led));
  return leadership();
}

Result<void> LedgerCore::resign() {
  const std::lock_guard lock(mutex_);
  const std::uint64_t held = [this] {
    const std::lock_guard lead_lock(lead_mutex_);
    return std::exchange(lead_.generation, 0);
  }();
  if (held == 0) return {};
  auto done = transactions_.run(Intent::share, [&](Transaction& in) {
    in.lease().release(held);
    return true;
  });
  if (!done) return tl::unexpected(done.error());
  return {};
}

Leadership LedgerCore::leadership() const {
  const std::lock_guard lock(lead_mutex_);
  return {lead_.generation != 0 && Clock::now() < lead_.until, lead_.leader};
}

std::uint64_t LedgerCore::generation() const {
  const std::lock_guard lock(lead_mutex_);
  return Clock::now() < lead_.until ? lead_.generation : 0;
}

LedgerCore::Clock::time_point LedgerCore::lead_until(std::uint64_t generation) const {
  const std::lock_guard lock(lead_mutex_);
  return lead_.generation == generation ? lead_.until : Clock::time_point::min();
}

void LedgerCore::set_lead(Lead lead) {
  const std::lock_guard lock(lead_mutex_);
  lead_ = std::move(lead);
}

}  // namespace walpulse::monitor
