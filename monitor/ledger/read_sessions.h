#pragma once

#include <condition_variable>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
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
    auto outcome = taken.transactions.run(Intent::read,
                                          [&](Transaction& in) { return work(in, taken.limits); });
    give_back(*std::move(session));
    return outcome;
  }

 private:
  struct Session {
    Session(std::unique_ptr<Storage> from, const LedgerOptions& options);
    std::unique_ptr<Storage> storage;
    LabelLimits limits;
    Transactions transactions;
  };
  Result<std::unique_ptr<Session>> take();
  void give_back(std::unique_ptr<Session> session);

  const Readers readers_;
  const LedgerOptions& options_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::size_t count_ = 0;  ///< Open, or being opened.
  std::vector<std::unique_ptr<Session>> idle_;
};

}  // namespace walpulse::monitor
