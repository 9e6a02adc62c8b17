#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

#include "monitor/ledger/counting/label_limits.h"
#include "monitor/ledger/ledger_options.h"
#include "monitor/ledger/stores/storage.h"
#include "monitor/ledger/transactions.h"

namespace walpulse::monitor {

/// How further connections to a storage are made, for reading.
struct Readers {
  std::function<Result<std::unique_ptr<Storage>>()> open;  ///< Empty: there are none.
  std::size_t count_max = 0;
};

/// Reading transactions that hold up no writer: each on a connection of its own, which is opened
/// when it is first needed. All that a read goes by is in the storage; labels that were admitted
/// are read there too. Thread-safe.
class ReadSessions {
 public:
  ReadSessions(Readers readers, const LedgerOptions& options);

  /// `work` sees one consistent picture: no series of it is older than another, and each is at
  /// least as new as in every picture that was complete before. Errors: those of the storage;
  /// unavailable where all connections are in use for seconds.
  template <class Work>
  auto run(const Work& work)
      -> Result<std::invoke_result_t<const Work&, Transaction&, LabelLimits&>> {
    auto session = take();
    if (!session) return tl::unexpected(session.error());
    Session& taken = **session;
    end(taken);
    expire();
    auto outcome = taken.transactions.run(Intent::read,
                                          [&](Transaction& in) { return work(in, taken.limits); });
    give_back(*std::move(session));
    return outcome;
  }

  using Clock = std::chrono::steady_clock;
  using Look = std::function<void(Transaction& in, const Context& context)>;
  /// One consistent picture as well, which may be left from a look before, `age_max` ago at most: a
  /// transaction stays open behind a look. It serves until expire(), or until run() has read
  /// something newer. Where it fails `work` is called again, on a new one.
  Result<void> look(const Look& work, Clock::duration age_max);
  /// What was read before no longer serves: something was written.
  void expire();
  /// Ends the transactions that looks have left open, but those that are in use.
  void end_pictures();

 private:
  struct Session {
    Session(std::unique_ptr<Storage> from, const LedgerOptions& options);
    std::unique_ptr<Storage> storage;
    LabelLimits limits;
    Transactions transactions;
    std::optional<Context> picture;  ///< Of the transaction that is open.
  };
  Result<std::unique_ptr<Session>> take();
  void give_back(std::unique_ptr<Session> session);
  bool serves(const Context& picture, Clock::duration age_max);
  bool look_at_picture(Session& session, const Look& work, Clock::duration age_max);
  static bool begin(Session& session);
  static void end(Session& session);

  const Readers readers_;
  const LedgerOptions& options_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::size_t count_ = 0;                       ///< Open, or being opened.
  std::vector<std::unique_ptr<Session>> idle_;  ///< The last used behind.
  Clock::time_point expired_;                   ///< What was read before does not serve.
};

}  // namespace walpulse::monitor
