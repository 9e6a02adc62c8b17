#include "monitor/ledger/read_sessions.h"

#include <chrono>

namespace walpulse::monitor {
namespace {

constexpr std::chrono::seconds kWaitMax{5};

}  // namespace

ReadSessions::Session::Session(std::unique_ptr<Storage> from, const LedgerOptions& options)
    : storage(std::move(from)), limits(options), transactions(*storage, limits) {}

ReadSessions::ReadSessions(Readers readers, const LedgerOptions& options)
    : readers_(std::move(readers)), options_(options) {}

Result<std::unique_ptr<ReadSessions::Session>> ReadSessions::take() {
  {
    std::unique_lock lock(mutex_);
    const auto ready = [this] { return !idle_.empty() || count_ < readers_.count_max; };
    if (!changed_.wait_for(lock, kWaitMax, ready))
      return fail(ErrorKind::unavailable, "all connections that read the ledger are in use");
    if (!idle_.empty()) {
      auto session = std::move(idle_.back());
      idle_.pop_back();
      return session;
    }
    ++count_;
  }
  auto storage = readers_.open();
  if (storage) return std::make_unique<Session>(*std::move(storage), options_);
  const std::lock_guard lock(mutex_);
  --count_;
  changed_.notify_one();
  return tl::unexpected(storage.error());
}

void ReadSessions::give_back(std::unique_ptr<Session> session) {
  const std::lock_guard lock(mutex_);
  idle_.push_back(std::move(session));
  changed_.notify_one();
}

}  // namespace walpulse::monitor
