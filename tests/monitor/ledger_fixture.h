#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "monitor/ledger/ledger_core.h"
#include "monitor/storage/memory/memory_storage.h"
#include "monitor/storage/postgres/postgres_storage.h"
#include "monitor/storage/sqlite/sqlite_storage.h"
#include "tests/monitor/ledger_events.h"
#include "tests/monitor/private_postgres.h"

namespace walpulse::monitor::testing {

enum class Backend { memory, sqlite, postgres };

class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "ledger-XXXXXX").string();
    path_ = ::mkdtemp(name.data());
  }
  ~TemporaryFolder() { std::filesystem::remove_all(path_); }
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

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
    ledger_ = std::make_unique<LedgerCore>(std::move(storage), options);
    if (const auto led = ledger_->lead(std::chrono::hours(1)); !led || !led->ours) {
      // A ledger opened before may lead by its lease: as if that had run out.
      PrivatePostgres::instance().execute("UPDATE " + schema_ +
                                          ".lease SET expires_at = '-infinity'");
      EXPECT_TRUE(ledger_->lead(std::chrono::hours(1)));
    }
  }
  /// Another storage of the same ledger: PostgreSQL's alone takes a second one.
  Result<std::unique_ptr<Storage>> open_storage() {
    switch (GetParam()) {
      case Backend::sqlite:
        return open_sqlite_storage(folder_.path() / "ledger.db", *options.birth,
                                   std::chrono::milliseconds(0));
      case Backend::postgres:
        if (schema_.empty()) schema_ = PrivatePostgres::instance().fresh_schema();
        return open_postgres_storage({PrivatePostgres::instance().dsn(), schema_}, *options.birth);
      case Backend::memory:
        break;
    }
    return make_memory_storage(*options.birth);
  }
  Ledger& ledger() {
    if (!ledger_) open();
    return *ledger_;
  }

  /// `now` is seconds after the birth.
  ApplyResult apply(const std::vector<ReceivedMessage>& group, double now = 10'000) {
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
  TemporaryFolder folder_;
  std::string schema_;  ///< Of the PostgreSQL ledger, once it is open.

 private:
  Storage* storage_ = nullptr;
  std::unique_ptr<LedgerCore> ledger_;
};

inline std::string backend_name(const ::testing::TestParamInfo<Backend>& info) {
  switch (info.param) {
    case Backend::memory:
      return "Memory";
    case Backend::sqlite:
      return "Sqlite";
    case Backend::postgres:
      return "Postgres";
  }
  return "";
}

/// All storages pass the same tests.
inline auto all_backends() {
  return ::testing::Values(Backend::memory, Backend::sqlite, Backend::postgres);
}

}  // namespace walpulse::monitor::testing
