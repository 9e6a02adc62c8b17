#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>

#include "monitor/ledger/stores/storage.h"
#include "tests/monitor/backends.h"
#include "tests/monitor/ledger_events.h"

namespace walpulse::monitor::testing {

/// What every storage promises of a store, whichever it is: committed writes are there for the next
/// transaction, those of one that was rolled back are not.
class StoreTest : public ::testing::TestWithParam<Backend> {
 protected:
  StoreTest() {
    auto opened = place_.open(kBirth);
    EXPECT_TRUE(opened) << opened.error().message;
    if (opened) storage_ = *std::move(opened);
  }

  /// One transaction around `work`, which is given it. What that returns.
  template <class Work>
  auto in(Intent intent, const Work& work) {
    EXPECT_TRUE(storage_->begin(intent));
    struct Commit {
      ~Commit() { EXPECT_TRUE(storage.commit()); }
      Storage& storage;
    } commit{*storage_};
    return work(storage_->transaction());
  }
  template <class Work>
  auto reading(const Work& work) {
    return in(Intent::read, work);
  }
  template <class Work>
  auto writing(const Work& work) {
    return in(Intent::share, work);
  }
  template <class Work>
  void rolled_back(const Work& work) {
    EXPECT_TRUE(storage_->begin(Intent::share));
    work(storage_->transaction());
    storage_->rollback();
  }
  Context context() {
    return reading([](Transaction& in) { return in.context(); });
  }
  /// A source for what belongs to one.
  std::int64_t source(const std::string& name = "mage", const std::string& table = "public.t") {
    return writing([&](Transaction& in) {
      SourceRow row;
      row.name = name;
      row.table = table;
      in.sources().save(row);
      return row.id;
    });
  }

  StoragePlace place_{GetParam()};
  std::unique_ptr<Storage> storage_;
};

inline schema::Position position(std::uint64_t lsn, std::int64_t ordinal = 0) {
  return {kEpoch, Lsn{lsn}, ordinal};
}

}  // namespace walpulse::monitor::testing
