#include "monitor/ledger/read_sessions.h"

#include <algorithm>
#include <chrono>
#include <exception>
#include <iterator>

namespace walpulse::monitor {
namespace {

constexpr std::chrono::seconds kWaitMax{5};

}  // namespace

ReadSessions::Session::Session(std::unique_ptr<Storage> from, const LedgerOptions& options)
    : storage(std::move(from)),
      limits(options.pipelines_max, options.label_values_max),
      transactions(*storage, limits) {}

ReadSessions::ReadSessions(Readers readers, const LedgerOptions& options)
    : readers_(std::move(readers)), options_(options) {}

Result<void> ReadSessions::look(const Look& work, Clock::duration age_max) {
  auto session = take();
  if (!session) return tl::unexpected(session.error());
  Session& taken = **session;
  Result<void> looked;
  if (!look_at_picture(taken, work, age_max)) {
    const auto begun = Clock::now();
    auto done = taken.transactions.run(Intent::read, [&](Transaction& in) {
      Context context = in.context();
      context.read = begun;
      work(in, context);
      return true;
    });
    if (!done) looked = tl::unexpected(done.error());
  }
  give_back(*std::move(session));
  return looked;
}

bool ReadSessions::look_at_picture(Session& session, const Look& work, Clock::duration age_max) {
  if (session.picture && !serves(*session.picture, age_max)) end(session);
  if (!session.picture && !begin(session)) return false;
  bool well = true;
  try {
    work(session.storage->transaction(), *session.picture);
  } catch (const std::exception&) {  // out of memory, a standard container's limit
    well = false;
  }
  if (well && session.storage->so_far()) return true;
  session.picture.reset();
  session.storage->rollback();
  return false;
}

bool ReadSessions::serves(const Context& picture, Clock::duration age_max) {
  const std::lock_guard lock(mutex_);
  return picture.read >= expired_ && Clock::now() - picture.read <= age_max;
}

bool ReadSessions::begin(Session& session) {
  const auto begun = Clock::now();
  if (!session.storage->begin(Intent::read)) return false;
  Context context = session.storage->transaction().context();
  if (!session.storage->so_far()) {
    session.storage->rollback();
    return false;
  }
  context.read = begun;
  session.picture = std::move(context);
  return true;
}

void ReadSessions::end(Session& session) {
  if (!session.picture) return;
  session.picture.reset();
  // It wrote nothing; a connection that is lost is found by the next transaction.
  static_cast<void>(session.storage->commit());
}

void ReadSessions::expire() {
  const auto now = Clock::now();
  const std::lock_guard lock(mutex_);
  expired_ = std::max(expired_, now);
}

void ReadSessions::end_pictures() {
  std::vector<std::unique_ptr<Session>> open;
  {
    const std::lock_guard lock(mutex_);
    const auto with = std::stable_partition(idle_.begin(), idle_.end(),
                                            [](const auto& each) { return !each->picture; });
    open.assign(std::make_move_iterator(with), std::make_move_iterator(idle_.end()));
    idle_.erase(with, idle_.end());
  }
  for (auto& session : open) {
    end(*session);
    give_back(std::move(session));
  }
}

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
