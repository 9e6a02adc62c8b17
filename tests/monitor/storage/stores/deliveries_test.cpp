#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <map>
#include <vector>

#include "monitor/storage/sqlite/sqlite_database.h"
#include "tests/monitor/storage/store_fixture.h"

namespace walpulse::monitor::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using State = Delivery::State;

Delivery delivery(const std::string& channel, const std::string& subject, double due = 0) {
  Delivery made;
  made.channel = channel;
  made.subject = subject;
  made.key = "key";
  made.created = at(due);
  made.due = at(due);
  return made;
}

class DeliveryStoreTest : public StoreTest {
 protected:
  std::int64_t save(const Delivery& delivery) {
    return writing([&](Transaction& in) { return in.deliveries().save(delivery); });
  }
  std::int64_t add(const std::string& channel, const std::string& subject, double due = 0) {
    return save(delivery(channel, subject, due));
  }
  Delivery find(std::int64_t id) {
    return reading([&](Transaction& in) { return in.deliveries().find(id); }).value_or(Delivery{});
  }
  void set(std::int64_t id, State state, double ended = 1) {
    Delivery changed = find(id);
    changed.state = state;
    changed.ended = state == State::waiting ? std::nullopt : std::optional(at(ended));
    save(changed);
  }
  static std::vector<std::int64_t> ids(const std::vector<Delivery>& deliveries) {
    std::vector<std::int64_t> found;
    for (const Delivery& each : deliveries) found.push_back(each.id);
    return found;
  }
  std::vector<std::int64_t> due(const std::string& channel, double now = 100,
                                std::size_t count_max = 100) {
    return ids(
        reading([&](Transaction& in) { return in.deliveries().due(channel, at(now), count_max); }));
  }
  std::vector<std::int64_t> list(const DeliveriesAsked& asked) {
    return ids(reading([&](Transaction& in) { return in.deliveries().list(asked); }));
  }
  std::vector<DeliveryCount> counts() {
    return reading([](Transaction& in) { return in.deliveries().counts(); });
  }
};

TEST_P(DeliveryStoreTest, KeepsAllOfADelivery) {
  Delivery whole = delivery("it's \"data\"", "mage\n\xFF", 3);
  whole.kind = Delivery::Kind::greeting;
  whole.state = State::too_old;
  whole.content = std::string(200'000, '{');
  whole.of = "run mage:812 COMPLETED";
  whole.attempts = 7;
  whole.repeated = at(8);
  whole.ended = at(9);
  whole.expires = at(10);
  whole.answer = "HTTP 500; \"no\"";
  whole.id = save(whole);
  EXPECT_GT(whole.id, 0);
  EXPECT_EQ(find(whole.id), whole);
  EXPECT_FALSE(reading([&](Transaction& in) { return in.deliveries().find(whole.id + 1); }));
  Delivery changed = whole;
  changed.state = State::waiting;
  changed.ended.reset();
  changed.expires.reset();
  changed.repeated = at(40);
  changed.due = at(50);
  changed.attempts = 8;
  changed.answer = "";
  EXPECT_EQ(save(changed), whole.id);
  EXPECT_EQ(find(whole.id), changed);
  Delivery another = changed;
  another.key = "another";  // what is sent, where and by which key never changes
  another.content = "{}";
  another.channel = "x";
  save(another);
  EXPECT_EQ(find(whole.id), changed);
}

TEST_P(DeliveryStoreTest, TheOldestOfASubjectHoldsUpThoseBehindIt) {
  const auto first = add("a", "daily", 10);
  const auto second = add("a", "daily", 0);
  const auto third = add("a", "daily", 0);
  const auto other = add("a", "weekly", 5);
  const auto elsewhere = add("b", "daily", 7);
  EXPECT_THAT(due("a", 9), ElementsAre(other));
  EXPECT_THAT(due("a", 10), ElementsAre(other, first));
  EXPECT_THAT(due("a", 10, 1), ElementsAre(other));
  EXPECT_THAT(due("b", 9), ElementsAre(elsewhere));
  EXPECT_THAT(due("c"), IsEmpty());
  set(first, State::sent);
  EXPECT_THAT(due("a", 9), ElementsAre(second, other));
  set(third, State::dropped);
  set(second, State::given_up);
  EXPECT_THAT(due("a", 9), ElementsAre(other));
  const auto fourth = add("a", "daily", 2);
  EXPECT_THAT(due("a", 9), ElementsAre(fourth, other));
}

TEST_P(DeliveryStoreTest, OneThatWaitsAgainIsTheOldestAgain) {
  const auto first = add("a", "daily");
  const auto second = add("a", "daily");
  set(first, State::given_up);
  EXPECT_THAT(due("a"), ElementsAre(second));
  set(first, State::waiting);
  EXPECT_THAT(due("a"), ElementsAre(first));
  set(second, State::sent);
  EXPECT_THAT(due("a"), ElementsAre(first));
}

TEST_P(DeliveryStoreTest, ListsByPagesTheNewestFirst) {
  const auto first = add("a", "x");
  const auto second = add("b", "x");
  const auto third = add("a", "y");
  set(second, State::given_up);
  EXPECT_THAT(list({}), ElementsAre(third, second, first));
  EXPECT_THAT(list({std::nullopt, std::nullopt, third, 1}), ElementsAre(second));
  EXPECT_THAT(list({State::waiting, std::nullopt, std::nullopt, 9}), ElementsAre(third, first));
  EXPECT_THAT(list({State::given_up, "b", std::nullopt, 9}), ElementsAre(second));
  EXPECT_THAT(list({State::sent, "b", std::nullopt, 9}), IsEmpty());
  EXPECT_THAT(list({std::nullopt, "a", std::nullopt, 9}), ElementsAre(third, first));
  EXPECT_THAT(list({std::nullopt, "", std::nullopt, 9}), IsEmpty());
}

TEST_P(DeliveryStoreTest, CountsWhatWaitsAndWhatWasGivenUp) {
  add("b", "x", 4);
  add("b", "x", 3);
  const auto lost = add("b", "y"), early = add("b", "z"), sent = add("a", "x");
  set(lost, State::given_up, 30);
  set(early, State::given_up, 20);
  set(sent, State::sent);
  EXPECT_THAT(counts(), ElementsAre(DeliveryCount{"b", State::waiting, 2, at(3)},
                                    DeliveryCount{"b", State::given_up, 2, at(20)}));
}

TEST_P(DeliveryStoreTest, KnowsWhatWasSentAndMadeLastAndHowManyCallsThereWere) {
  Delivery call = delivery("a", "x", 50);
  call.kind = Delivery::Kind::call;
  call.id = save(call);
  set(call.id, State::sent, 90);
  set(add("a", "y", 7), State::sent, 20);
  set(add("a", "z"), State::sent, 10);
  set(add("a", "z"), State::given_up, 30);
  Delivery old = call;
  old.id = 0;
  old.state = State::too_old;
  old.ended = at(60);
  save(old);
  Delivery greeting = delivery("a", "y", 60);
  greeting.kind = Delivery::Kind::greeting;
  save(greeting);
  const auto last = [&](const std::string& channel) {
    return reading([&](Transaction& in) { return in.deliveries().last_sent(channel); });
  };
  EXPECT_EQ(last("a"), at(90));
  EXPECT_EQ(last("b"), std::nullopt);
  const auto made = [&](const std::string& channel, const std::string& subject) {
    return reading([&](Transaction& in) { return in.deliveries().last_message(channel, subject); });
  };
  EXPECT_EQ(made("a", "y"), at(7)) << "a greeting delays no message";
  EXPECT_EQ(made("a", "of nobody"), std::nullopt);
  EXPECT_EQ(made("b", "y"), std::nullopt);
  const auto calls = [&](double since, const std::string& key_begin = "") {
    return reading(
        [&](Transaction& in) { return in.deliveries().calls_since("a", key_begin, at(since)); });
  };
  EXPECT_EQ(calls(50), 1);
  EXPECT_EQ(calls(51), 0);
  EXPECT_EQ(calls(50, call.key), 1);
  EXPECT_EQ(calls(50, call.key + "x"), 0);
  set(call.id, State::dropped, 91);
  EXPECT_EQ(calls(50), 0) << "what was not made for being too much keeps nothing from being made";
}

TEST_P(DeliveryStoreTest, KnowsEveryChannelThatSomethingWasSentTo) {
  const auto sent_to = [&](std::size_t count_max = 10) {
    return reading([&](Transaction& in) { return in.deliveries().sent_to(count_max); });
  };
  EXPECT_THAT(sent_to(), IsEmpty());
  const std::string hostile = "data\n'; --";
  for (const double ended : {4, 9, 2}) set(add("b", "x"), State::sent, ended);
  set(add(hostile, "x"), State::sent, 3);
  set(add("", "x"), State::sent, 5);
  set(add("a", "x"), State::given_up, 6);
  add("c", "x");
  EXPECT_THAT(sent_to(),
              ElementsAre(LastSent{"", at(5)}, LastSent{"b", at(9)}, LastSent{hostile, at(3)}));
  EXPECT_THAT(sent_to(2), ElementsAre(LastSent{"", at(5)}, LastSent{"b", at(9)}));
}

TEST_P(DeliveryStoreTest, ShowsWhatWasGivenUpOfAChannelTheLastFirst) {
  Delivery big = delivery("a", "x");
  big.content = std::string(10'000, '{');
  big.answer = "HTTP 500";
  const auto first = save(big), second = add("a", "y"), third = add("a", "z"),
             other = add("b", "x");
  set(first, State::given_up, 30);
  set(second, State::given_up, 10);
  set(third, State::given_up, 20);
  set(other, State::given_up, 40);
  const auto given_up = [&](std::size_t count_max) {
    return reading([&](Transaction& in) { return in.deliveries().given_up("a", count_max); });
  };
  EXPECT_THAT(ids(given_up(9)), ElementsAre(first, third, second));
  const auto last = given_up(1);
  EXPECT_THAT(ids(last), ElementsAre(first));
  EXPECT_EQ(last[0].content, "") << "what is told is shown to nobody";
  EXPECT_EQ(last[0].answer, "HTTP 500");
  set(first, State::waiting);
  EXPECT_THAT(ids(given_up(9)), ElementsAre(third, second));
}

TEST_P(DeliveryStoreTest, FindsWhatWaitsSinceAnAttemptFailed) {
  const auto failing = [&](const std::string& channel) {
    return reading([&](Transaction& in) { return in.deliveries().failing(channel); });
  };
  const auto tried = [&](const std::string& subject, double due, const std::string& answer) {
    Delivery one = delivery("a", subject, due);
    one.attempts = 2;
    one.answer = answer;
    return save(one);
  };
  for (int i = 0; i < 300; ++i) add("a", std::to_string(i), 1);
  EXPECT_EQ(failing("a"), std::nullopt);
  const auto first = tried("first", 50, "HTTP 500");
  EXPECT_EQ(failing("a").value_or(Delivery{}).id, first);
  const auto later = tried("later", 60, "no answer in 10 s");
  tried("being tried", 70, "");
  EXPECT_EQ(failing("a").value_or(Delivery{}).id, later);
  set(later, State::sent);
  EXPECT_EQ(failing("a").value_or(Delivery{}).answer, "HTTP 500");
  EXPECT_EQ(failing("b"), std::nullopt);
}

TEST_P(DeliveryStoreTest, FindsManyWithoutTheirContents) {
  Delivery big = delivery("a", "x");
  big.content = "{}";
  big.id = save(big);
  const auto other = add("b", "y");
  auto found = reading([&](Transaction& in) {
    return in.deliveries().find_all(std::vector<std::int64_t>{other, big.id, 812, 0});
  });
  EXPECT_THAT(ids(found), ::testing::UnorderedElementsAre(big.id, other));
  for (const Delivery& each : found) EXPECT_EQ(each.content, "");
  const auto none = reading([](Transaction& in) { return in.deliveries().find_all({}); });
  EXPECT_THAT(none, IsEmpty());
}

TEST_P(DeliveryStoreTest, ForgetsWhatEndedLongAgoTheOldestFirst) {
  const auto waiting = add("a", "x"), first = add("a", "y"), second = add("a", "y"),
             third = add("a", "y");
  set(third, State::sent, 1);
  set(second, State::dropped, 2);
  set(first, State::given_up, 3);
  const auto remove = [&](double before, std::size_t count_max) {
    const std::size_t had = list({}).size();
    const std::size_t removed =
        writing([&](Transaction& in) { return in.deliveries().remove(at(before), count_max); });
    EXPECT_EQ(had - removed, list({}).size());
    return list({});
  };
  EXPECT_THAT(remove(1, 10), ElementsAre(third, second, first, waiting));
  EXPECT_THAT(remove(3, 1), ElementsAre(second, first, waiting));
  EXPECT_THAT(remove(3, 10), ElementsAre(first, waiting));
  EXPECT_THAT(remove(1000, 10), ElementsAre(waiting));
}

TEST_P(DeliveryStoreTest, ForgetsWhatIsRolledBack) {
  const auto kept = add("a", "x");
  rolled_back([&](Transaction& in) {
    in.deliveries().save(delivery("a", "y"));
    Delivery sent = *in.deliveries().find(kept);
    sent.state = State::sent;
    sent.ended = at(1);
    in.deliveries().save(sent);
  });
  EXPECT_THAT(list({}), ElementsAre(kept));
  EXPECT_THAT(due("a"), ElementsAre(kept));
}

INSTANTIATE_TEST_SUITE_P(Storages, DeliveryStoreTest, all_backends(), backend_name);

/// However many were sent.
TEST(DeliveryIndexes, ServeWhatIsAskedEveryFewSeconds) {
  const TemporaryFolder folder;
  const auto file = folder.path() / "ledger.db";
  { ASSERT_TRUE(open_sqlite_storage(file, kBirth, std::chrono::milliseconds(0))); }
  const auto database = SqliteDatabase::open(file, std::chrono::milliseconds(0));
  ASSERT_TRUE(database);
  const auto plan = [&](const char* query) {
    std::string steps;
    auto rows = (*database)->query(query);
    while (rows.step()) steps += std::string(rows.bytes(3)) + '\n';
    return steps;
  };
  EXPECT_EQ(plan("EXPLAIN QUERY PLAN SELECT id FROM delivery WHERE state = 2 AND channel = 'a' "
                 "AND ended >= 1 ORDER BY ended DESC, id DESC LIMIT 1"),
            "SEARCH delivery USING INDEX delivery_given_up (channel=? AND ended>?)\n");
  EXPECT_EQ(plan("EXPLAIN QUERY PLAN SELECT id FROM delivery WHERE head = 1 AND channel = 'a' "
                 "AND due <= 1 ORDER BY due, id LIMIT 1"),
            "SEARCH delivery USING INDEX delivery_head (channel=? AND due<?)\n");
  EXPECT_EQ(plan("EXPLAIN QUERY PLAN SELECT channel, 2, count(*), min(ended) FROM delivery "
                 "WHERE state = 2 GROUP BY channel"),
            "SCAN delivery USING INDEX delivery_given_up\n");
}

/// Whatever happens to them, what is due is the oldest of each subject that waits.
RC_GTEST_PROP(DeliveryOrder, IsThatOfTheIdsWhateverEndsAndWaitsAgain, ()) {
  const auto opened = open_sqlite_storage(":memory:", kBirth, std::chrono::milliseconds(0));
  RC_ASSERT(opened.has_value());
  Storage& storage = **opened;
  std::map<std::int64_t, Delivery> model;
  const auto steps = *rc::gen::container<std::vector<std::pair<int, int>>>(
      rc::gen::pair(rc::gen::inRange(0, 4), rc::gen::inRange(0, 12)));
  for (const auto& [what, which] : steps) {
    RC_ASSERT(storage.begin(Intent::share).has_value());
    DeliveryStore& store = storage.transaction().deliveries();
    if (what < 2 || model.empty()) {
      Delivery made = delivery(which % 2 == 0 ? "a" : "b", std::to_string(which % 3));
      made.id = store.save(made);
      model[made.id] = made;
    } else {
      Delivery& one = std::next(model.begin(), which % std::ssize(model))->second;
      one.state = what == 2 ? State::sent : State::waiting;
      one.ended = what == 2 ? std::optional(at(1)) : std::nullopt;
      store.save(one);
    }
    std::map<std::pair<std::string, std::string>, std::int64_t> oldest;
    for (const auto& [id, each] : model)
      if (each.state == State::waiting) oldest.try_emplace({each.channel, each.subject}, id);
    std::vector<std::int64_t> wanted, found;
    for (const auto& [subject, id] : oldest) wanted.push_back(id);
    for (const char* channel : {"a", "b"})
      for (const Delivery& each : store.due(channel, at(1), 100)) found.push_back(each.id);
    RC_ASSERT(storage.commit().has_value());
    std::ranges::sort(wanted);
    std::ranges::sort(found);
    RC_ASSERT(found == wanted);
  }
}

}  // namespace
}  // namespace walpulse::monitor::testing
