#include "monitor/service/service.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <thread>

namespace walpulse::monitor {
namespace {

using std::chrono_literals::operator""h;
using std::chrono_literals::operator""ms;
using testing::ElementsAre;
using testing::IsEmpty;

using Clock = Service::Clock;
using Events = std::vector<std::string>;

/// Writes down what it is told to do.
class FakeComponent : public Component {
 public:
  FakeComponent(Events& events, std::string name) : events_(events), name_(std::move(name)) {}
  ~FakeComponent() override { events_.push_back("destroy " + name_); }

  std::string_view name() const override { return name_; }
  Result<void> start() override {
    events_.push_back("start " + name_);
    if (fails) return fail(ErrorKind::unavailable, name_ + " is broken");
    if (on_start) on_start();
    return {};
  }
  void request_stop() override { events_.push_back("request " + name_); }
  void stop(Clock::time_point deadline) override {
    events_.push_back("stop " + name_);
    stopped_by = deadline;
    if (on_stop) on_stop();
  }
  Health health() const override { return said; }

  bool fails = false;
  std::function<void()> on_start;
  std::function<void()> on_stop;
  Health said;
  Clock::time_point stopped_by;

 private:
  Events& events_;
  const std::string name_;
};

class ServiceTest : public testing::Test {
 protected:
  FakeComponent& add(const char* name) { return service_->add<FakeComponent>(events_, name); }
  Events taken() { return std::exchange(events_, {}); }

  Events events_;
  std::unique_ptr<Service> service_ = std::make_unique<Service>();
  FakeComponent& ledger_ = add("ledger");
  FakeComponent& intake_ = add("intake");
  FakeComponent& http_ = add("http");
};

TEST_F(ServiceTest, StartsInOrderAndStopsInReverse) {
  ASSERT_TRUE(service_->start());
  EXPECT_THAT(taken(), ElementsAre("start ledger", "start intake", "start http"));
  const auto deadline = Clock::now() + 1h;
  service_->stop(deadline);
  EXPECT_THAT(taken(), ElementsAre("request http", "request intake", "request ledger", "stop http",
                                   "stop intake", "stop ledger"));
  for (const FakeComponent* each : {&ledger_, &intake_, &http_}) {
    EXPECT_EQ(each->stopped_by, deadline) << each->name();
  }
  service_.reset();
  EXPECT_THAT(taken(), ElementsAre("destroy http", "destroy intake", "destroy ledger"));
}

TEST_F(ServiceTest, StopsWhatWasStartedWhereOneFails) {
  intake_.fails = true;
  const auto started = service_->start();
  ASSERT_FALSE(started);
  EXPECT_EQ(started.error().message, "intake is broken");
  EXPECT_THAT(taken(),
              ElementsAre("start ledger", "start intake", "request ledger", "stop ledger"));
  EXPECT_LE(ledger_.stopped_by, Clock::now()) << "nothing was taken that had to be completed";
  service_->stop(Clock::now() + 1h);
  EXPECT_THAT(taken(), IsEmpty());
}

TEST_F(ServiceTest, StopsTheOthersAlsoWhereOneOverrunsTheDeadline) {
  ASSERT_TRUE(service_->start());
  taken();
  const auto deadline = Clock::now() + 1ms;
  intake_.on_stop = [deadline] { std::this_thread::sleep_until(deadline + 1ms); };
  service_->stop(deadline);
  EXPECT_THAT(taken(), testing::IsSupersetOf({"stop http", "stop intake", "stop ledger"}));
  EXPECT_EQ(ledger_.stopped_by, deadline) << "it sees for itself that its time is over";
}

TEST_F(ServiceTest, StopsOnceHoweverOftenItIsTold) {
  service_->stop(Clock::now());
  EXPECT_THAT(taken(), IsEmpty()) << "nothing had started";
  ASSERT_TRUE(service_->start());
  service_->stop(Clock::now());
  taken();
  service_->stop(Clock::now());
  EXPECT_THAT(taken(), IsEmpty());
}

TEST_F(ServiceTest, StopsAtItsEnd) {
  ASSERT_TRUE(service_->start());
  taken();
  service_.reset();
  EXPECT_THAT(taken(), ElementsAre("request http", "request intake", "request ledger", "stop http",
                                   "stop intake", "stop ledger", "destroy http", "destroy intake",
                                   "destroy ledger"));
}

TEST_F(ServiceTest, CollectsHealthInOrder) {
  ledger_.said = {{"no ledger"}, {}};
  intake_.said = {{"full"}, {"slow", "late"}};
  http_.said = {{}, {"crowded"}};
  ASSERT_TRUE(service_->start());
  const Health health = service_->health();
  EXPECT_THAT(health.not_ready, ElementsAre("no ledger", "full"));
  EXPECT_THAT(health.warnings, ElementsAre("slow", "late", "crowded"));
}

TEST_F(ServiceTest, AsksOnlyThoseThatRunForTheirHealth) {
  for (FakeComponent* each : {&ledger_, &intake_, &http_}) {
    each->said = {{std::string(each->name())}, {}};
  }
  EXPECT_THAT(service_->health().not_ready, IsEmpty());
  std::vector<std::string> while_starting;
  http_.on_start = [&] { while_starting = service_->health().not_ready; };
  std::vector<std::string> while_stopping;
  intake_.on_stop = [&] { while_stopping = service_->health().not_ready; };
  ASSERT_TRUE(service_->start());
  EXPECT_THAT(while_starting, ElementsAre("ledger", "intake"));
  service_->stop(Clock::now() + 1h);
  EXPECT_THAT(while_stopping, ElementsAre("ledger"));
  EXPECT_THAT(service_->health().not_ready, IsEmpty());
}

}  // namespace
}  // namespace walpulse::monitor
