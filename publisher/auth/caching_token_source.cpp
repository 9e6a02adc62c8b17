#include "publisher/auth/caching_token_source.h"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <utility>

namespace walpulse::auth {
namespace {

using TimePoint = std::chrono::steady_clock::time_point;

constexpr std::chrono::seconds kRefreshEarly{225};
/// Between attempts while a token still serves; also for tokens that come with less life left than
/// kRefreshEarly.
constexpr std::chrono::seconds kRefreshPause{10};

class CachingTokenSource final : public TokenSource {
 public:
  CachingTokenSource(FetchToken fetch, SteadyNow now)
      : fetch_(std::move(fetch)), now_(std::move(now)) {}

  Result<std::string> token() override {
    std::unique_lock lock(mutex_);
    const TimePoint now = now_();
    if (usable(now) && (now < refresh_at_ || fetching_)) return token_;
    if (fetching_) return result_of_other(lock);
    fetching_ = true;
    lock.unlock();
    Result<AccessToken> fetched = fetch_();
    lock.lock();
    return finish(now, std::move(fetched));
  }

  void invalidate(const std::string& rejected) override {
    const std::lock_guard lock(mutex_);
    if (token_ == rejected) token_.clear();
  }

 private:
  bool usable(TimePoint now) const { return !token_.empty() && now < expires_at_; }

  /// The fetch has a deadline of its own, so this wait ends.
  Result<std::string> result_of_other(std::unique_lock<std::mutex>& lock) {
    const std::uint64_t flight = flight_count_;
    done_.wait(lock, [&] { return flight_count_ != flight; });
    return last_result_;
  }

  Result<std::string> finish(TimePoint asked_at, Result<AccessToken> fetched) {
    fetching_ = false;
    ++flight_count_;
    done_.notify_all();
    if (fetched) {
      token_ = std::move(fetched->text);
      expires_at_ = asked_at + fetched->lifetime;
      refresh_at_ = std::max(expires_at_ - kRefreshEarly, asked_at + kRefreshPause);
      return last_result_ = token_;
    }
    const TimePoint now = now_();
    refresh_at_ = now + kRefreshPause;
    if (usable(now)) return last_result_ = token_;
    return last_result_ = tl::unexpected(fetched.error());
  }

  const FetchToken fetch_;
  const SteadyNow now_;
  std::mutex mutex_;
  std::condition_variable done_;
  bool fetching_ = false;
  std::uint64_t flight_count_ = 0;
  std::string token_;
  TimePoint expires_at_;
  TimePoint refresh_at_;
  Result<std::string> last_result_;
};

}  // namespace

std::unique_ptr<TokenSource> make_caching_token_source(FetchToken fetch, SteadyNow now) {
  if (!now) now = [] { return std::chrono::steady_clock::now(); };
  return std::make_unique<CachingTokenSource>(std::move(fetch), std::move(now));
}

}  // namespace walpulse::auth
