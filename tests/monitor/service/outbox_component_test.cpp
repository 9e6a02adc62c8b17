#include "monitor/service/outbox_component.h"

#include <gtest/gtest.h>

#include <condition_variable>
#include <mutex>

#include "tests/monitor/fake_http.h"
#include "tests/monitor/fake_ledger.h"

namespace walpulse::monitor {
namespace {

using namespace std::chrono_literals;

/// Counts how often what happened is handled.
class RoutedLedger final : public FakeLedger {
 public:
  Result<std::size_t> route(std::size_t, const Route&) override {
    const std::lock_guard lock(mutex_);
    ++count_;
    changed_.notify_all();
    return 0;
  }
  bool await_routes(int count) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, 60s, [&] { return count_ >= count; });
  }
  int count() const {
    const std::lock_guard lock(mutex_);
    return count_;
  }

 private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  int count_ = 0;
};

TEST(OutboxComponent, HandlesWhatHappenedAtOnceAndNotStepByStep) {
  FakeHttp http([](const SentRequest&, std::stop_token) { return http::Response{200, "", {}}; });
  RoutedLedger ledger;
  const rules::RuleBook rules;
  OutboxComponent outbox(
      ledger, [&] { return rules.in_force(); }, channels::ChannelTools{http}, {},
      [] { return true; }, [](const Happening&, const std::string&) {}, 1h);
  ASSERT_TRUE(outbox.start());
  ASSERT_TRUE(ledger.await_routes(1));
  outbox.call_soon();
  EXPECT_TRUE(ledger.await_routes(2)) << "no round is due for an hour";
  for (int i = 0; i < 100'000; ++i) outbox.call_soon();
  outbox.stop({});
  EXPECT_EQ(ledger.count(), 2) << "that was said just now";
}

}  // namespace
}  // namespace walpulse::monitor
