#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "monitor/ledger/application/message.h"
#include "monitor/ledger/ledger_core.h"
#include "tests/monitor/backends.h"
#include "tests/monitor/ledger_events.h"

namespace walpulse::monitor::testing {

/// A ledger over one of the storages, and what it shows.
class LedgerTest : public ::testing::TestWithParam<Backend> {
 protected:
  using Wrap = std::function<std::unique_ptr<Storage>(std::unique_ptr<Storage>)>;

  /// Most tests are not about the wait: what comes has settled.
  LedgerTest() {
    options.birth = kBirth;
    options.settle = std::chrono::milliseconds(0);
  }

  /// Opens the ledger, or opens it again: the embedded one then is as it was.
  void open(const Wrap& wrap = nullptr) {
    ledger_.reset();
    auto opened = open_storage();
    ASSERT_TRUE(opened) << opened.error().message;
    std::unique_ptr<Storage> storage = *std::move(opened);
    storage_ = storage.get();
    if (wrap) storage = wrap(std::move(storage));
    ledger_ = std::make_unique<LedgerCore>(std::move(storage), options, readers());
    if (const auto led = ledger_->lead(std::chrono::hours(1)); !led || !led->ours) {
      // A ledger opened before may lead by its lease: as if that had run out.
      PrivatePostgres::instance().execute("UPDATE " + place_.schema +
                                          ".lease SET expires_at = '-infinity'");
      EXPECT_TRUE(ledger_->lead(std::chrono::hours(1)));
    }
  }
  /// Another storage of the same ledger: PostgreSQL's alone takes a second one.
  Result<std::unique_ptr<Storage>> open_storage() { return place_.open(*options.birth); }
  Readers readers() { return place_.readers(); }
  /// As it is committed.
  Context context() {
    ledger();
    EXPECT_TRUE(storage_->begin(Intent::read));
    Context context = storage_->transaction().context();
    EXPECT_TRUE(storage_->commit());
    return context;
  }
  /// Writes what no message says: one transaction around `work`, which is given it.
  template <class Work>
  void write(const Work& work) {
    ledger();
    EXPECT_TRUE(storage_->begin(Intent::share));
    work(storage_->transaction());
    EXPECT_TRUE(storage_->commit());
  }
  Ledger& ledger() {
    if (!ledger_) open();
    return *ledger_;
  }

  /// What happened and was not handled yet, the oldest first.
  std::vector<Happening> happened() {
    std::vector<Happening> found;
    EXPECT_TRUE(ledger().look(
        [&](Transaction& in, const Context&) { found = in.happenings().oldest(1000); }));
    return found;
  }
  std::vector<std::string> happened_statuses() {
    std::vector<std::string> statuses;
    for (Happening& each : happened()) statuses.push_back(std::move(each.status));
    return statuses;
  }

  /// `now` is seconds after the birth.
  ApplyResult apply(std::vector<ReceivedMessage> group, double now = 10'000) {
    for (ReceivedMessage& each : group) {
      each.read.reset();  // The test may have changed it.
      read_message(each);
    }
    auto applied = ledger().apply(group, at(now));
    EXPECT_TRUE(applied) << applied.error().message;
    return applied ? *std::move(applied) : ApplyResult{};
  }
  /// Each message a group of its own.
  void apply_singly(const std::vector<ReceivedMessage>& messages, double now = 10'000) {
    for (const ReceivedMessage& each : messages) apply({each}, now);
  }

  /// The intake clock shows so much, and what has settled by it is counted.
  void intake_clock(std::chrono::milliseconds shows) {
    ledger();
    EXPECT_TRUE(storage_->begin(Intent::share));
    storage_->transaction().clocks().save_intake(shows);
    EXPECT_TRUE(storage_->commit());
    for (bool all = false; !all;) {
      const auto advanced = ledger().advance(std::chrono::steady_clock::time_point{});
      ASSERT_TRUE(advanced);
      all = advanced->all;
    }
  }

  std::optional<telemetry::Number> value(std::string_view metric, const telemetry::Labels& labels,
                                         double now = 10'000) {
    auto snapshot = ledger().snapshot(at(now));
    EXPECT_TRUE(snapshot);
    for (const telemetry::Metric& each : snapshot->metrics)
      if (each.descriptor->name == metric)
        for (const telemetry::Point& point : each.points)
          if (point.labels == labels) return point.value;
    return std::nullopt;
  }
  /// Of a counter or whole gauge; -1 where there is no such series.
  std::int64_t number(std::string_view metric, const telemetry::Labels& labels = {},
                      double now = 10'000) {
    const auto found = value(metric, labels, now);
    return found ? std::get<std::int64_t>(*found) : -1;
  }
  double age(std::string_view metric, const telemetry::Labels& labels = {}, double now = 10'000) {
    const auto found = value(metric, labels, now);
    return found ? std::get<double>(*found) : -1;
  }
  telemetry::Distribution distribution(std::string_view metric,
                                       const telemetry::Labels& labels = {}) {
    const auto found = value(metric, labels);
    return found ? std::get<telemetry::Distribution>(*found) : telemetry::Distribution{};
  }
  std::int64_t finished(const std::string& status, const std::string& pipeline = "daily") {
    return number("pipeline_run/finished_count",
                  {{"pipeline", pipeline}, {"trigger", "trigger"}, {"status", status}});
  }
  std::int64_t created(const std::string& pipeline = "daily") {
    return number("pipeline_run/created_count", {{"pipeline", pipeline}, {"trigger", "trigger"}});
  }
  std::int64_t started(const std::string& pipeline = "daily") {
    return number("pipeline_run/started_count", {{"pipeline", pipeline}, {"trigger", "trigger"}});
  }
  std::int64_t processed(const std::string& op, const std::string& outcome) {
    return number("event/processed_count", {{"op", op}, {"outcome", outcome}});
  }
  std::int64_t active(const std::string& status, const std::string& pipeline = "daily") {
    return number("pipeline_run/active", {{"pipeline", pipeline}, {"status", status}});
  }

  /// The rejected messages that follow `after`.
  RedrivenGroup redrive(bool dry_run = false, std::int64_t after = 0, std::size_t count_max = 100) {
    auto rejected = ledger().rejected(after, count_max);
    EXPECT_TRUE(rejected);
    for (RejectedMessage& each : *rejected) read_message(each.message);
    auto done = ledger().redrive(*rejected, at(100), dry_run);
    EXPECT_TRUE(done) << done.error().message;
    return done ? *std::move(done) : RedrivenGroup{};
  }

  void keep_rejected(const Rejected& message) {
    EXPECT_TRUE(storage_->begin(Intent::share));
    storage_->transaction().rejected().add(message);
    EXPECT_TRUE(storage_->commit());
  }
  /// What the ledger keeps its rows in, between two calls to the ledger.
  Storage* raw_storage() {
    ledger();
    return storage_;
  }
  std::vector<Rejected> rejected() {
    ledger();
    EXPECT_TRUE(storage_->begin(Intent::read));
    auto found = storage_->transaction().rejected().after(0, 100);
    EXPECT_TRUE(storage_->commit());
    return found;
  }

  LedgerOptions options;
  StoragePlace place_{GetParam()};

 private:
  Storage* storage_ = nullptr;
  std::unique_ptr<LedgerCore> ledger_;
};

}  // namespace walpulse::monitor::testing
