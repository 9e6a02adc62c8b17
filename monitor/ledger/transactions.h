#pragma once

#include <algorithm>
#include <chrono>
#include <exception>
#include <functional>
#include <random>
#include <thread>
#include <type_traits>
#include <utility>

#include "monitor/ledger/counting/label_limits.h"
#include "monitor/ledger/ledger_writer.h"
#include "monitor/ledger/stores/storage.h"

namespace walpulse::monitor {

/// What becomes of a transaction whose work is done.
enum class Ending : std::uint8_t { commit, rollback };

/// Runs transactions on a storage, from one thread at a time.
class Transactions {
 public:
  /// `written` hears of each commit of what may have written, before whoever ran it does.
  Transactions(Storage& storage, LabelLimits& limits, std::function<void()> written = {})
      : storage_(storage), limits_(limits), written_(std::move(written)) {}

  /// One transaction around `work`, which is given it, and returns what the caller gets once it is
  /// committed. Where another transaction is in the way `work` is done again, up to some seconds:
  /// then the storage counts as unavailable. One that keeps a lock is waited for no longer than
  /// three, so that whoever pushes hears of it soon.
  template <class Work>
  auto run(Intent intent, const Work& work, Ending ending = Ending::commit)
      -> Result<std::invoke_result_t<const Work&, Transaction&>> {
    auto outcome = attempt(intent, work, ending);
    auto pause = kFirstPause;
    int waited = 0;
    for (int i = 1; i < kAttempts && is_contended(outcome); ++i) {
      if (outcome.error().code == kLedgerLocked && ++waited == kLockWaits) break;
      // Nobody waits for long, and the two that met must not meet again.
      std::this_thread::sleep_for(std::uniform_int_distribution<std::int64_t>(
                                      0, std::chrono::microseconds(pause).count())(pauses_) *
                                  std::chrono::microseconds(1));
      pause = std::min(pause * 2, kLongestPause);
      outcome = attempt(intent, work, ending);
    }
    if (is_contended(outcome)) outcome.error().kind = ErrorKind::unavailable;
    return outcome;
  }

 private:
  /// Of a transaction that others are in the way of: some five seconds in all.
  static constexpr int kAttempts = 20;
  /// So many times a lock is waited for, 1.4 s each.
  static constexpr int kLockWaits = 2;
  static constexpr std::chrono::milliseconds kFirstPause{2};
  static constexpr std::chrono::milliseconds kLongestPause{500};

  template <class Outcome>
  static bool is_contended(const Outcome& outcome) {
    return !outcome && outcome.error().kind == ErrorKind::contended;
  }

  template <class Work>
  auto attempt(Intent intent, const Work& work, Ending ending)
      -> Result<std::invoke_result_t<const Work&, Transaction&>> {
    if (auto begun = storage_.begin(intent); !begun) return tl::unexpected(begun.error());
    limits_.begin(/*rolled_back=*/false);
    try {
      auto outcome = work(storage_.transaction());
      if (ending == Ending::rollback) {
        storage_.rollback();
        limits_.begin(/*rolled_back=*/true);
        return outcome;
      }
      auto committed = storage_.commit();
      if (committed) {
        if (written_ && intent != Intent::read) written_();
        return outcome;
      }
      limits_.begin(/*rolled_back=*/true);
      return tl::unexpected(committed.error());
    } catch (const std::exception& error) {  // out of memory, a standard container's limit
      storage_.rollback();
      limits_.begin(/*rolled_back=*/true);
      return fail(ErrorKind::rejected, error.what());
    }
  }

  Storage& storage_;
  LabelLimits& limits_;
  const std::function<void()> written_;
  std::minstd_rand pauses_{std::random_device{}()};
};

}  // namespace walpulse::monitor
