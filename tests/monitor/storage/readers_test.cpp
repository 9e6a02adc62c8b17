#include <atomic>
#include <barrier>
#include <chrono>
#include <stdexcept>
#include <thread>

#include "monitor/ledger/read_sessions.h"
#include "monitor/storage/memory/memory_storage.h"
#include "tests/monitor/ledger_fixture.h"

namespace walpulse::monitor::testing {
namespace {

/// Of the storages that more than one connection may read.
class LedgerReaders : public LedgerTest {
 protected:
  std::unique_ptr<Storage> reader() {
    auto opened = readers().open();
    EXPECT_TRUE(opened) << opened.error().message;
    return opened ? *std::move(opened) : nullptr;
  }
  static std::size_t runs_seen(Storage& storage) {
    return storage.transaction().runs().after({}, 100).size();
  }
};

TEST_P(LedgerReaders, AReadUnderWayHoldsUpNothingAndSeesOnePicture) {
  apply({MageRun(1, 1).create(1)});
  const auto reader = this->reader();
  ASSERT_TRUE(reader->begin(Intent::read));
  EXPECT_EQ(reader->transaction().context().sources.size(), 1u);
  const auto before = reader->transaction().series().all();
  EXPECT_THAT(apply({MageRun(2, 2).create(2), truncate(3)}).outcomes,
              ::testing::Each(Outcome::applied));
  EXPECT_EQ(runs_seen(*reader), 1u);
  EXPECT_EQ(reader->transaction().series().all().size(), before.size());
  EXPECT_TRUE(reader->transaction().context().sources.at(0).ends.empty());
  ASSERT_TRUE(reader->commit());
  ASSERT_TRUE(reader->begin(Intent::read));
  EXPECT_EQ(runs_seen(*reader), 2u);
  ASSERT_TRUE(reader->commit());
}

TEST_P(LedgerReaders, AWriteUnderWayHoldsUpNoReader) {
  apply({MageRun(1, 1).create(1)});
  Storage& writer = *raw_storage();
  ASSERT_TRUE(writer.begin(Intent::exclusive));
  SourceRow other;
  other.name = "other";
  other.table = "public.t";
  writer.transaction().sources().save(other);
  EXPECT_EQ(created(), 1);
  EXPECT_EQ(ledger().epochs().value_or(std::vector<KnownEpoch>{}).size(), 1u);
  writer.rollback();
}

TEST_P(LedgerReaders, AReaderWritesNothing) {
  ledger();
  const auto reader = this->reader();
  ASSERT_TRUE(reader->begin(Intent::read));
  reader->transaction().clocks().note_heard();
  EXPECT_FALSE(reader->commit());
}

/// Looks whose picture may be as old as it likes.
class LedgerPictures : public LedgerReaders {
 protected:
  std::size_t sources_lately() {
    std::size_t found = 0;
    EXPECT_TRUE(ledger().look_lately(
        [&](Transaction&, const Context& context) { found = context.sources.size(); },
        std::chrono::hours(1)));
    return found;
  }
  std::size_t sources_now() {
    std::size_t found = 0;
    EXPECT_TRUE(ledger().look(
        [&](Transaction&, const Context& context) { found = context.sources.size(); }));
    return found;
  }
  /// As another process would.
  void add_source(const std::string& name) {
    Storage& writer = *raw_storage();
    ASSERT_TRUE(writer.begin(Intent::exclusive));
    SourceRow other;
    other.name = name;
    other.table = "public.t";
    writer.transaction().sources().save(other);
    ASSERT_TRUE(writer.commit());
  }
};

TEST_P(LedgerPictures, APictureServesUntilTheLedgerItselfWrites) {
  EXPECT_EQ(sources_lately(), 0u);
  add_source("one");
  EXPECT_EQ(sources_lately(), 0u) << "it was not shared";
  apply({MageRun(1, 1).create(1)});
  EXPECT_EQ(sources_lately(), 2u);
  add_source("two");
  EXPECT_EQ(sources_lately(), 2u);
  EXPECT_EQ(sources_now(), 3u);
  EXPECT_EQ(sources_lately(), 3u) << "older than what was shown";
}

TEST_P(LedgerPictures, APictureServesForSoLongAlone) {
  EXPECT_EQ(sources_lately(), 0u);
  add_source("one");
  std::this_thread::sleep_for(std::chrono::milliseconds(5));
  std::chrono::steady_clock::time_point before = std::chrono::steady_clock::now(), read;
  ASSERT_TRUE(ledger().look_lately(
      [&](Transaction&, const Context& context) {
        EXPECT_EQ(context.sources.size(), 1u);
        read = context.read;
      },
      std::chrono::milliseconds(1)));
  EXPECT_GE(read, before);
}

TEST_P(LedgerPictures, PicturesThatNobodyLooksAtAreLetGo) {
  EXPECT_EQ(sources_lately(), 0u);
  add_source("one");
  ledger().end_pictures();
  EXPECT_EQ(sources_lately(), 1u);
  ledger().end_pictures();
  ledger().end_pictures();
  EXPECT_EQ(sources_lately(), 1u);
}

TEST_P(LedgerPictures, ALookThatFailsIsMadeAgainAndLeavesNothingBehind) {
  apply({MageRun(1, 1).create(1)});
  EXPECT_EQ(sources_lately(), 1u);
  int looks = 0;
  const auto failed = ledger().look_lately(
      [&](Transaction& in, const Context&) {
        ++looks;
        in.clocks().note_heard();  // a reader may not
      },
      std::chrono::hours(1));
  EXPECT_FALSE(failed);
  EXPECT_EQ(looks, 2);
  looks = 0;
  EXPECT_TRUE(ledger().look_lately(
      [&](Transaction& in, const Context&) {
        if (++looks == 1) in.clocks().note_heard();
      },
      std::chrono::hours(1)));
  EXPECT_EQ(looks, 2) << "it went well on a picture of its own";
  looks = 0;
  EXPECT_FALSE(ledger().look_lately(
      [&](Transaction&, const Context&) {
        ++looks;
        throw std::length_error("too long");
      },
      std::chrono::hours(1)));
  EXPECT_EQ(looks, 2);
  EXPECT_EQ(sources_lately(), 1u);
}

TEST_P(LedgerPictures, NoneHoldsUpWhatIsApplied) {
  for (std::int64_t id = 1; id <= 20; ++id) {
    EXPECT_EQ(apply({MageRun(id, 1).create(1 + static_cast<double>(id))}).outcomes.size(), 1u);
    std::size_t seen = 0;
    ASSERT_TRUE(ledger().look_lately(
        [&](Transaction& in, const Context&) { seen = in.runs().after({}, 100).size(); },
        std::chrono::hours(1)));
    EXPECT_EQ(seen, static_cast<std::size_t>(id));
  }
}

INSTANTIATE_TEST_SUITE_P(Storages, LedgerPictures,
                         ::testing::Values(Backend::sqlite, Backend::postgres), backend_name);

/// A picture that is taken later never shows less.
TEST_P(LedgerReaders, NoSeriesGoesBackWhileMessagesCome) {
  open();
  std::atomic<bool> stop = false;
  std::thread watch([&] {
    std::int64_t last = -1;
    while (!stop) {
      const std::int64_t now = created();
      EXPECT_GE(now, last);
      last = now;
    }
  });
  for (std::int64_t id = 1; id <= 100; ++id)
    EXPECT_EQ(apply({MageRun(id, 1).create(1 + static_cast<double>(id))}).outcomes.size(), 1u);
  EXPECT_EQ(created(), 100);
  stop = true;
  watch.join();
}

INSTANTIATE_TEST_SUITE_P(Storages, LedgerReaders,
                         ::testing::Values(Backend::sqlite, Backend::postgres), backend_name);

class ReadSessionsTest : public ::testing::Test {
 protected:
  Readers readers(std::size_t count_max) {
    const auto open = [this]() -> Result<std::unique_ptr<Storage>> {
      if (trouble_) return fail(ErrorKind::unavailable, "no more connections");
      ++opened_;
      return make_memory_storage(kBirth);
    };
    return {open, count_max};
  }
  static Timestamp birth_in(ReadSessions& sessions) {
    return sessions.run([](Transaction& in, LabelLimits&) { return in.context().birth; })
        .value_or(Timestamp{});
  }

  const LedgerOptions options_;
  bool trouble_ = false;
  std::atomic<int> opened_ = 0;
};

TEST_F(ReadSessionsTest, OneThatIsFreeServesTheNext) {
  ReadSessions sessions(readers(2), options_);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(birth_in(sessions), kBirth);
  EXPECT_EQ(opened_, 1);
}

TEST_F(ReadSessionsTest, OneThatCannotBeOpenedIsTriedAgain) {
  ReadSessions sessions(readers(1), options_);
  trouble_ = true;
  const auto failed = sessions.run([](Transaction&, LabelLimits&) { return 1; });
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().message, "no more connections");
  trouble_ = false;
  EXPECT_EQ(birth_in(sessions), kBirth);
}

TEST_F(ReadSessionsTest, AnotherIsOpenedWhileTheFirstReads) {
  ReadSessions sessions(readers(2), options_);
  std::barrier both(2);
  const auto meet = [&] {
    EXPECT_TRUE(sessions.run([&](Transaction&, LabelLimits&) {
      both.arrive_and_wait();
      return true;
    }));
  };
  std::thread other(meet);
  meet();
  other.join();
  EXPECT_EQ(opened_, 2);
}

}  // namespace
}  // namespace walpulse::monitor::testing
