#include <map>
#include <string>
#include <vector>

#include "tests/monitor/ledger_fixture.h"

namespace walpulse::monitor::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using State = Delivery::State;

/// "812 FAILED 1"
std::string text_of(const Happening& happening) {
  return std::to_string(happening.run) + ' ' + happening.status + ' ' +
         std::to_string(happening.nth);
}

class LedgerOutbox : public LedgerTest {
 protected:
  News handle(std::size_t count_max = 1000) {
    News heard;
    const auto routed =
        ledger().route(count_max, [&](Transaction&, const Context&, const News& news) {
          heard = news;
          return std::vector<Delivery>{};
        });
    EXPECT_TRUE(routed) << routed.error().message;
    return heard;
  }
  /// Takes all that is told, and makes nothing of it.
  std::vector<Happening> take(std::size_t count_max = 1000) { return handle(count_max).told; }
  std::vector<std::string> told(std::size_t count_max = 1000) {
    std::vector<std::string> texts;
    for (const Happening& each : take(count_max)) texts.push_back(text_of(each));
    return texts;
  }
  std::int64_t waiting() {
    std::int64_t count = -1;
    EXPECT_TRUE(
        ledger().look([&](Transaction& in, const Context&) { count = in.happenings().count(); }));
    return count;
  }
  /// Of the table of runs: all up to the commit `confirmed` seconds after the birth is safe.
  ReceivedMessage beat(std::uint64_t sequence, double confirmed) {
    schema::Heartbeat said = heartbeat(sequence, confirmed);
    Change change;
    change.when = confirmed;
    said.confirmed = Lsn{lsn_of(change)};
    return message(said);
  }
  /// The heartbeat without which nothing is told.
  void introduce() { apply({beat(1, 0)}); }

  static Delivery delivery(const std::string& channel, const std::string& subject) {
    Delivery made;
    made.channel = channel;
    made.subject = subject;
    made.key = channel + subject;
    made.created = made.due = at(0);
    return made;
  }
  std::int64_t put(const Delivery& delivery) {
    std::int64_t id = 0;
    write([&](Transaction& in) { id = in.deliveries().save(delivery); });
    return id;
  }
  Delivery find(std::int64_t id) {
    Delivery found;
    EXPECT_TRUE(ledger().look([&](Transaction& in, const Context&) {
      found = in.deliveries().find(id).value_or(Delivery{});
    }));
    return found;
  }
  std::vector<Delivery> claim(double now, std::size_t count = 10) {
    const std::vector<ChannelRoom> rooms{{"a", count}, {"b", count}};
    auto claimed = ledger().claim(rooms, at(now), 60s);
    EXPECT_TRUE(claimed) << claimed.error().message;
    return claimed ? *std::move(claimed) : std::vector<Delivery>{};
  }
};

TEST_P(LedgerOutbox, EveryEndIsWrittenDownOnceWithTheTransactionThatCountsIt) {
  introduce();
  MageRun run(812, 1);
  run.row().labels = {{"partner", "acme"}};
  std::vector<ReceivedMessage> messages{run.create(1), run.run(5), run.fail(65)};
  apply(messages);
  apply(messages);
  const auto happenings = take();
  ASSERT_EQ(happenings.size(), 1u);
  const Happening& failed = happenings[0];
  EXPECT_EQ(text_of(failed), "812 FAILED 1");
  EXPECT_EQ(failed.pipeline, "daily");
  EXPECT_EQ(failed.trigger, 7);
  EXPECT_EQ(failed.labels, (telemetry::Labels{{"partner", "acme"}}));
  EXPECT_EQ(failed.at, at(65));
  EXPECT_EQ(failed.seconds, 60);
  EXPECT_THAT(told(), IsEmpty());
}

TEST_P(LedgerOutbox, WhoAppliesHearsThatSomethingHappened) {
  introduce();
  MageRun run(1, 1);
  EXPECT_FALSE(apply({run.create(1), run.run(2)}).happened);
  const auto failed = run.fail(3);
  EXPECT_TRUE(apply({failed}).happened);
  EXPECT_FALSE(apply({failed}).happened) << "once";
}

TEST_P(LedgerOutbox, TheNthEndOfARunHasANameOfItsOwn) {
  introduce();
  MageRun run(1, 1), other(2, 1);
  apply({run.create(1), run.run(2), run.fail(3), run.run(4), run.fail(5)});
  apply({run.run(6), run.complete(7), other.create(1), other.update(8, "CANCELLED")});
  apply({run.run(9), run.fail(10)});
  EXPECT_THAT(told(), ElementsAre("1 FAILED 1", "1 FAILED 2", "1 COMPLETED 1", "2 CANCELLED 1",
                                  "1 FAILED 3"));
}

TEST_P(LedgerOutbox, ALateSlaAndAnOrphanAreHappeningsToo) {
  introduce();
  MageRun run(1, 1);
  apply({run.create(1), run.run(2)});
  run.row().sla = true;
  apply({run.touch(3)});
  run.row().schedule.reset();
  apply({run.touch(4)});
  EXPECT_THAT(told(), ElementsAre("1 SLA_MISSED 1", "1 ORPHANED 1"));
}

TEST_P(LedgerOutbox, ReplaysAndSnapshotsAreNoNews) {
  introduce();
  MageRun replayed(1, 1), read(2, 1);
  replayed.row().replay = true;
  apply({replayed.create(1), replayed.run(2), replayed.fail(3)});
  read.row().status = "FAILED";
  apply({read.read(5)});
  EXPECT_EQ(finished("FAILED"), 1);
  EXPECT_THAT(told(), IsEmpty());
  EXPECT_EQ(waiting(), 0);
}

TEST_P(LedgerOutbox, AnOrphanOfThePastIsNoNewsAndEachTimeHasANameOfItsOwn) {
  introduce();
  MageRun replayed(1, 1), read(2, 1), twice(3, 1);
  for (MageRun* each : {&replayed, &read, &twice}) {
    apply({each->create(1), each->run(2)});
    each->row().schedule.reset();
  }
  replayed.row().replay = true;
  apply({replayed.touch(3), read.read(4)});
  EXPECT_THAT(told(), IsEmpty());
  apply({twice.touch(5), twice.touch(6)});
  auto happenings = take();
  ASSERT_EQ(happenings.size(), 1u);
  EXPECT_EQ(text_of(happenings[0]), "3 ORPHANED 1");
  EXPECT_EQ(happenings[0].at, at(5)) << "when its trigger went";
  EXPECT_EQ(happenings[0].trigger, 7) << "the one that it had";
  twice.row().schedule = 7;  // a person mends the row
  apply({twice.touch(7)});
  twice.row().schedule.reset();
  apply({twice.touch(8)});
  EXPECT_THAT(told(), ElementsAre("3 ORPHANED 2"));
}

TEST_P(LedgerOutbox, ALedgerThatIsFilledAgainIsSilentAboutThePast) {
  options.settle = 3min;
  MageRun old(1, 1), late(2, 1), fresh(3, 1);
  apply({old.create(1), old.run(2), old.complete(100)});
  EXPECT_THAT(told(), IsEmpty());  // it is not known yet where the past ends
  apply({beat(700, 400)});
  apply({late.create(1), late.run(2), late.fail(400)});
  intake_clock(2min);
  apply({beat(701, 500)});
  EXPECT_THAT(told(), IsEmpty());
  EXPECT_EQ(waiting(), 2);
  apply({fresh.create(501), fresh.run(502), fresh.fail(503)});
  intake_clock(3min);
  apply({beat(702, 900)});  // what is confirmed from now on is news
  const News news = handle();
  ASSERT_EQ(news.told.size(), 1u);
  EXPECT_EQ(text_of(news.told[0]), "3 FAILED 1");
  EXPECT_EQ(news.untold.size(), 2u);
  EXPECT_EQ(waiting(), 0);
  fresh.row().completed.reset();
  apply({fresh.run(600), fresh.complete(601)});
  EXPECT_THAT(told(), ElementsAre("3 COMPLETED 1"));
}

TEST_P(LedgerOutbox, ATableThatIsNotToldYetHidesNoOther) {
  options.settle = 3min;
  apply({beat(1, 0)});
  intake_clock(3min);
  MageRun here(1, 1), there(2, 1);
  there.row().name = "other";
  there.row().epoch = kEpoch + 1;
  apply({there.create(1), there.run(2), there.fail(3), here.create(1), here.run(2),
         here.complete(4)});
  EXPECT_THAT(told(1), ElementsAre("1 COMPLETED 1"));
  EXPECT_EQ(waiting(), 1);
}

TEST_P(LedgerOutbox, OfATableThatNoHeartbeatNamesOnlyTheLogSpeaks) {
  options.settle = 3min;
  apply({beat(1, 0)});
  intake_clock(3min);
  MageRun here(1, 1), there(2, 1);
  there.row().name = "other";
  there.row().epoch = kEpoch + 1;
  apply({there.create(1), there.run(2), there.fail(3)});
  EXPECT_THAT(told(), IsEmpty());
  intake_clock(6min - 1ms);
  EXPECT_THAT(told(), IsEmpty());
  EXPECT_EQ(waiting(), 1);
  intake_clock(6min);
  apply({here.create(4), here.run(5), here.complete(6)});
  EXPECT_THAT(told(), ElementsAre("1 COMPLETED 1"));
  EXPECT_EQ(waiting(), 0);
  there.row().completed.reset();
  apply({there.run(7), there.complete(8)});
  const News news = handle();
  EXPECT_THAT(news.told, IsEmpty());
  ASSERT_EQ(news.untold.size(), 1u) << "the log says it";
  EXPECT_EQ(text_of(news.untold[0]), "2 COMPLETED 1");
  EXPECT_EQ(waiting(), 0) << "it does not pile up";
}

TEST_P(LedgerOutbox, ATableThatAHeartbeatNamesLateIsToldFromThere) {
  options.settle = 3min;
  MageRun old(1, 1), fresh(2, 1);
  apply({old.create(1), old.run(2), old.fail(3)});
  EXPECT_THAT(told(), IsEmpty());
  intake_clock(3min);
  EXPECT_THAT(told(), IsEmpty());
  EXPECT_EQ(waiting(), 0);
  apply({beat(1, 4)});
  apply({fresh.create(5), fresh.run(6), fresh.fail(7)});
  EXPECT_THAT(told(), IsEmpty());
  EXPECT_EQ(waiting(), 1) << "it is held again, now that a heartbeat says from where on it is told";
  intake_clock(6min);
  EXPECT_THAT(told(), ElementsAre("2 FAILED 1"));
}

TEST_P(LedgerOutbox, WhatIsRoutedIsKeptInTheSameTransaction) {
  introduce();
  MageRun run(1, 1);
  apply({run.create(1), run.run(2), run.fail(3)});
  const auto routed = ledger().route(10, [&](Transaction&, const Context&, const News& news) {
    return std::vector{delivery("a", text_of(news.told[0]))};
  });
  EXPECT_EQ(routed, 1u);
  const auto claimed = claim(1);
  ASSERT_EQ(claimed.size(), 1u);
  EXPECT_EQ(claimed[0].subject, "1 FAILED 1");
}

TEST_P(LedgerOutbox, NothingIsDoneWithoutTheLead) {
  introduce();
  MageRun run(1, 1);
  apply({run.create(1), run.run(2), run.fail(3)});
  const auto id = put(delivery("a", "x"));
  ASSERT_TRUE(ledger().lead(0s));
  EXPECT_THAT(told(), IsEmpty());
  EXPECT_THAT(claim(1), IsEmpty());
  EXPECT_EQ(find(id).attempts, 0u);
  ASSERT_TRUE(ledger().lead(1h));
  EXPECT_THAT(told(), ElementsAre("1 FAILED 1"));
  EXPECT_EQ(claim(1).size(), 1u);
}

TEST_P(LedgerOutbox, WhatIsClaimedIsGivenToNobodyElseUntilTheClaimIsOver) {
  const auto first = put(delivery("a", "x"));
  put(delivery("a", "x"));
  put(delivery("b", "x"));
  put(delivery("c", "x"));  // nobody asked for that channel
  EXPECT_EQ(claim(1).size(), 2u);
  EXPECT_THAT(claim(60), IsEmpty());
  const auto again = claim(61);
  ASSERT_EQ(again.size(), 2u);
  EXPECT_EQ(again[0].id, first);
  EXPECT_EQ(again[0].attempts, 2u);
  EXPECT_EQ(again[0].key, "ax");  // the same at every attempt
}

TEST_P(LedgerOutbox, AnAttemptThatOthersHaveOvertakenChangesNothingButThatItWasSent) {
  const auto id = put(delivery("a", "x"));
  const auto old = claim(1).at(0);
  const auto now = claim(100).at(0);
  ASSERT_TRUE(ledger().finish(old, {State::given_up, at(101), at(101), "no"}));
  EXPECT_EQ(find(id).state, State::waiting);
  ASSERT_TRUE(ledger().finish(old, {State::sent, at(101), at(101), "ok"}));
  EXPECT_EQ(find(id).state, State::sent);
  ASSERT_TRUE(ledger().finish(now, {State::given_up, at(102), at(102), "no"}));
  EXPECT_EQ(find(id).state, State::sent);
  EXPECT_EQ(find(id).answer, "ok");
  EXPECT_EQ(number("delivery/sent_count", {{"channel", "a"}}), 1);
  EXPECT_EQ(number("delivery/given_up_count", {{"channel", "a"}}), -1);
}

TEST_P(LedgerOutbox, OneWithoutTimeForItsAttemptHasNotUsedIt) {
  const auto id = put(delivery("a", "x"));
  ASSERT_TRUE(ledger().finish(claim(1).at(0), {State::waiting, at(2), std::nullopt, "", false}));
  EXPECT_EQ(find(id).attempts, 0u);
  EXPECT_EQ(claim(2).size(), 1u);
}

TEST_P(LedgerOutbox, AGivenUpOneIsSentAgainByHandAndNoOther) {
  const auto id = put(delivery("a", "x"));
  EXPECT_EQ(ledger().retry(id, at(1), "ana"), Wished::refused);
  EXPECT_EQ(ledger().retry(id + 1000, at(1), "ana"), Wished::unknown);
  ASSERT_TRUE(ledger().finish(claim(1).at(0), {State::given_up, at(2), at(2), "HTTP 500"}));
  EXPECT_EQ(number("delivery/given_up_count", {{"channel", "a"}}), 1);
  EXPECT_EQ(ledger().retry(id, at(100), "ana"), Wished::done);
  const Delivery waits = find(id);
  EXPECT_EQ(waits.state, State::waiting);
  EXPECT_EQ(waits.due, at(100));
  EXPECT_EQ(waits.repeated, at(100));
  EXPECT_EQ(waits.answer, "HTTP 500; sent again by ana");
  EXPECT_EQ(ledger().retry(id, at(101), "ana"), Wished::refused);
  EXPECT_EQ(claim(101).size(), 1u);
}

TEST_P(LedgerOutbox, WhatTellsOfWhatIsOverIsNotSentAgainByHand) {
  ProblemUpdate update;
  update.notices = [](Transaction&, const ProblemUpdate&) {
    Notice notice;
    notice.channel = "a";
    notice.problem.id = 812;  // of no problem that is open
    return std::vector{notice};
  };
  ASSERT_TRUE(ledger().keep(update).value());
  ASSERT_TRUE(ledger().compose([](Transaction& in, const Context&) {
    return std::vector{Composed{delivery("a", "message"), {in.notices().waiting("a", 1).at(0).id}}};
  }));
  const auto sent = claim(1).at(0);
  ASSERT_TRUE(ledger().finish(sent, {State::given_up, at(2), at(2), "HTTP 401"}));
  EXPECT_EQ(ledger().retry(sent.id, at(3), "ana"), Wished::outdated);
  EXPECT_EQ(find(sent.id).state, State::given_up);
  EXPECT_EQ(ledger().drop(sent.id, at(4), "ana"), Wished::done);
}

TEST_P(LedgerOutbox, OneThatIsDroppedIsNeverSent) {
  const auto first = put(delivery("a", "x")), second = put(delivery("a", "x"));
  EXPECT_EQ(ledger().drop(first, at(1), "ana"), Wished::done);
  EXPECT_EQ(ledger().drop(first, at(1), "ana"), Wished::refused);
  EXPECT_EQ(ledger().drop(second + 1000, at(1), "ana"), Wished::unknown);
  const auto claimed = claim(2);
  ASSERT_EQ(claimed.size(), 1u);
  EXPECT_EQ(claimed[0].id, second);
  EXPECT_EQ(ledger().drop(second, at(3), "ana"), Wished::done);
  ASSERT_TRUE(ledger().finish(claimed[0], {State::waiting, at(9), std::nullopt, "HTTP 503"}));
  EXPECT_EQ(find(second).state, State::dropped);
}

TEST_P(LedgerOutbox, WhatWaitsIsMeasuredByChannel) {
  put(delivery("a", "x"));
  put(delivery("a", "y"));
  EXPECT_EQ(number("delivery/waiting_count", {{"channel", "a"}}, 50), 2);
  EXPECT_EQ(age("delivery/oldest_age", {{"channel", "a"}}, 50), 50);
  EXPECT_EQ(number("delivery/waiting_count", {{"channel", "b"}}, 50), -1);
}

TEST_P(LedgerOutbox, NoticesOfOneChannelBecomeOneMessage) {
  write([](Transaction& in) {
    for (const char* channel : {"a", "b", "a", "c"}) {
      Notice notice;
      notice.channel = channel;
      notice.problem.id = 812;
      notice.noted = at(1);
      in.notices().add(notice);
    }
  });
  const auto compose = [&](Transaction& in, const Context&) {
    std::vector<Composed> all;
    for (const char* channel : {"a", "c"}) {
      Composed& composed = all.emplace_back();
      for (const Notice& each : in.notices().waiting(channel, 10))
        composed.notices.push_back(each.id);
      if (composed.notices.empty()) all.pop_back();
    }
    if (!all.empty()) all[0].message = delivery("a", "message");  // nobody needs to hear of "c"
    return all;
  };
  EXPECT_EQ(ledger().compose(compose), 1u);
  EXPECT_EQ(ledger().compose(compose), 0u);
  const auto sent = claim(1);
  ASSERT_EQ(sent.size(), 1u);
  std::map<std::string, std::vector<std::optional<std::int64_t>>> deliveries;
  EXPECT_TRUE(ledger().look([&](Transaction& in, const Context&) {
    for (const Notice& each : in.notices().of_problem(812))
      deliveries[each.channel].push_back(each.delivery);
  }));
  EXPECT_THAT(deliveries["a"], ElementsAre(sent[0].id, sent[0].id));
  EXPECT_THAT(deliveries["b"], ElementsAre(std::nullopt));
  EXPECT_THAT(deliveries["c"], ElementsAre(kNotTold));
}

INSTANTIATE_TEST_SUITE_P(Storages, LedgerOutbox, all_backends(), backend_name);

}  // namespace
}  // namespace walpulse::monitor::testing
