// One decoder, several tables: each has its own ordinals, plan and options.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <array>
#include <string>
#include <utility>
#include <vector>

#include "decoder/pgoutput/event_decoder.h"
#include "tests/decoder/decoder_session.h"

namespace walpulse::decoder {
namespace {

using pgoutput::null;
using pgoutput::text;

constexpr std::uint32_t kBlocks = 16390;    ///< OID of public.block_run.
constexpr std::uint32_t kTriggers = 16396;  ///< OID of public.pipeline_schedule.
constexpr std::uint64_t kNextLsn = kCommitLsn + 100;

TableOptions table(std::uint32_t oid, const std::string& name) {
  TableOptions options;
  options.oid = Oid{oid};
  options.name = {"public", name};
  return options;
}

EventDecoderOptions several() {
  EventDecoderOptions options = run_options();
  options.tables.push_back(table(kBlocks, "block_run"));
  options.tables.push_back(table(kTriggers, "pipeline_schedule"));
  return options;
}

std::string blocks_relation(const std::string& name = "block_run") {
  return pgoutput::relation(kBlocks, "public", name, 'd', {{"id", 23, true}, {"metrics", 114}});
}

std::string triggers_relation() {
  return pgoutput::relation(kTriggers, "public", "pipeline_schedule", 'd', {{"id", 23, true}});
}

std::string run(const char* id) { return pgoutput::insert(kRuns, {text(id), null(), null()}); }
std::string block(const char* id) { return pgoutput::insert(kBlocks, {text(id), text("{}")}); }

std::string id_of(const schema::ChangeEvent* event) {
  return event == nullptr ? "(none)" : schema::event_id(*event);
}

const std::string kAt = "/1763600000/24023200/";

TEST(EventDecoderTables, EachCountsItsOwnChangesOfATransaction) {
  DecoderSession session(several());
  session.begin();
  session.event(blocks_relation());
  const std::string runs = "mage/public.pipeline_run" + kAt;
  const std::string blocks = "mage/public.block_run" + kAt;
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(id_of(session.event(run("1"))), runs + std::to_string(i));
    EXPECT_EQ(id_of(session.event(block("1"))), blocks + std::to_string(i));
  }
  const auto committed = session.feed(pgoutput::commit(kCommitLsn, kCommitLsn + 48, kCommitTime));
  EXPECT_EQ(std::get<EventDecoder::Committed>(*committed).change_count, 6u);
  ASSERT_TRUE(session.feed(pgoutput::begin(kNextLsn, kCommitTime, 772)));
  EXPECT_EQ(session.event(block("2"))->position.ordinal, 0);
  EXPECT_EQ(session.event(run("2"))->position.ordinal, 0);
}

TEST(EventDecoderTables, AlternatingRowsMakeNoPlanAnew) {
  DecoderSession session(several());
  session.begin();
  session.event(blocks_relation());
  EXPECT_EQ(session.decoder.plan_count(), 0u) << "no row has come";
  for (int i = 0; i < 10; ++i) {
    EXPECT_NE(session.event(run("1")), nullptr);
    EXPECT_NE(session.event(block("1")), nullptr);
  }
  EXPECT_EQ(session.decoder.plan_count(), 2u);
  session.event(blocks_relation());
  EXPECT_EQ(session.decoder.plan_count(), 2u);
  session.event(run("1"));
  session.event(block("1"));
  EXPECT_EQ(session.decoder.plan_count(), 3u) << "one table was described anew";
}

TEST(EventDecoderTables, EachHasItsOwnOptions) {
  EventDecoderOptions options = several();
  options.tables[1].columns = {"metrics"};
  options.tables[0].labels = {{"partner", "variables", {"partner"}}};
  DecoderSession session(options);
  session.begin();
  session.event(blocks_relation());
  EXPECT_EQ(session.rows(block("1")), R"("before":null,"after":{"id":1,"metrics":"{}"})");
  const schema::ChangeEvent* event =
      session.event(pgoutput::insert(kRuns, {text("1"), text("x"), text(R"({"partner":"acme"})")}));
  EXPECT_EQ(event->labels, (std::vector<schema::Label>{{"partner", "acme"}}));
  EXPECT_TRUE(session.event(block("1"))->labels.empty());
}

TEST(EventDecoderTables, ATruncateOfSeveralIsAnEventOfEach) {
  DecoderSession session(several());
  session.begin();
  session.event(blocks_relation());
  session.event(pgoutput::relation(kOther, "public", "log", 'd', {{"id", 23}}));
  session.event(block("1"));
  const schema::ChangeEvent* event =
      session.event(pgoutput::truncate({kRuns, kOther, kBlocks, kRuns}, 1));
  EXPECT_EQ(id_of(event), "mage/public.pipeline_run" + kAt + "0");
  EXPECT_TRUE(event->cascade);
  event = session.decoder.next();
  EXPECT_EQ(id_of(event), "mage/public.block_run" + kAt + "1");
  EXPECT_EQ(event->operation, schema::Operation::truncate);
  EXPECT_TRUE(event->cascade);
  EXPECT_EQ(session.decoder.next(), nullptr);
  session.event(pgoutput::truncate({kRuns, kBlocks}, 0));
  session.event(run("1"));
  EXPECT_EQ(session.decoder.next(), nullptr) << "forgotten with its message";
}

TEST(EventDecoderTables, AChangedKeyGoesOnInItsOwnTable) {
  DecoderSession session(several());
  session.begin();
  session.event(blocks_relation());
  session.event(run("1"));
  EXPECT_EQ(id_of(session.event(
                pgoutput::update(kBlocks, 'K', {text("1"), null()}, {text("2"), text("{}")}))),
            "mage/public.block_run" + kAt + "0d");
  EXPECT_EQ(id_of(session.decoder.next()), "mage/public.block_run" + kAt + "0");
}

TEST(EventDecoderTables, AnotherTableUnderAnyOfTheNamesIsTheEndAndIsNamed) {
  DecoderSession session(several());
  session.begin();
  session.event(blocks_relation("block_run_old"));
  session.event(pgoutput::relation(kOther, "public", "block_run", 'd', {{"id", 23, true}}));
  EXPECT_NE(session.event(block("1")), nullptr);
  const auto step = session.feed(pgoutput::insert(kOther, {text("1")}));
  const auto* replaced = std::get_if<EventDecoder::Replaced>(&*step);
  ASSERT_NE(replaced, nullptr);
  EXPECT_EQ(replaced->by, Oid{kOther});
  EXPECT_EQ(to_string(*replaced->name), "public.block_run");
}

TEST(EventDecoderTables, OneThatWasNeverAnnouncedIsRefusedWhateverTheOthers) {
  DecoderSession session(several());
  session.begin();
  EXPECT_NE(session.event(run("1")), nullptr);
  EXPECT_NE(session.refusal(block("1")).find("the relation 16390 was never announced"),
            std::string::npos);
}

/// Whatever the order: each event's ordinal is the number of its table's changes before it, and a
/// plan is made once for each description that rows came under.
TEST(EventDecoderTables, OrdinalsAndPlansHoldForEveryOrder) {
  const std::array<std::uint32_t, 3> oids = {kRuns, kBlocks, kTriggers};
  EXPECT_TRUE(rc::check([&] {
    DecoderSession session(several());
    session.begin();
    session.event(blocks_relation());
    session.event(triggers_relation());
    std::array<std::int64_t, 3> counts{};
    std::array<bool, 3> described = {true, true, true};
    std::uint64_t plans = 0;
    const auto order = *rc::gen::container<std::vector<std::size_t>>(
        rc::gen::inRange<std::size_t>(0, oids.size() + 1));
    for (const std::size_t turn : order) {
      if (turn == oids.size()) {
        session.event(triggers_relation());
        described[2] = true;
        continue;
      }
      const schema::ChangeEvent* event =
          session.event(turn == 0   ? run("1")
                        : turn == 1 ? block("1")
                                    : pgoutput::update(kTriggers, 'K', {text("1")}, {text("2")}));
      RC_ASSERT(event != nullptr);
      if (std::exchange(described[turn], false)) ++plans;
      RC_ASSERT(event->table->oid == Oid{oids[turn]});
      RC_ASSERT(event->position.ordinal == counts[turn]);
      if (event = session.decoder.next(); event != nullptr) {
        RC_ASSERT(event->position.ordinal == counts[turn]);
        RC_ASSERT(event->table->oid == Oid{kTriggers});
      }
      ++counts[turn];
    }
    RC_ASSERT(session.decoder.plan_count() == plans);
  }));
}

TEST(EventDecoderTables, AChangeOfATableThatIsNoneOfOursIsToldAndIsNoEvent) {
  DecoderSession session(run_options());
  session.begin();
  session.event(pgoutput::relation(kOther, "public", "other", 'd', {{"id", 23, true}}));
  const auto step = session.feed(pgoutput::insert(kOther, {text("1")}));
  ASSERT_TRUE(step) << step.error().message;
  const auto* foreign = std::get_if<EventDecoder::Foreign>(&*step);
  ASSERT_NE(foreign, nullptr);
  EXPECT_EQ(foreign->table, Oid{kOther});
}

TEST(EventDecoderTables, AnErrorLeavesOfARowThatFailedAlone) {
  constexpr std::uint32_t kFailing = 17'001;
  EventDecoderOptions options = run_options();
  options.tables.push_back(table(kFailing, "block_run"));
  options.tables.back().error = ErrorRule{"metrics", {"error", "error"}, "status", "FAILED"};
  DecoderSession session(options);
  session.begin();
  session.event(pgoutput::relation(kFailing, "public", "block_run", 'd',
                                   {{"id", 23, true}, {"status", 25}, {"metrics", 114}}));
  const std::string metrics = R"({"error":{"error":"no such file\nin line 3"}})";
  const auto error_of = [&](const char* status, const std::string& value) {
    const schema::ChangeEvent* event =
        session.event(pgoutput::insert(kFailing, {text("1"), text(status), text(value)}));
    return event == nullptr ? "(no event)" : event->error.value_or("(none)");
  };
  EXPECT_EQ(error_of("FAILED", metrics), "no such file");
  EXPECT_EQ(error_of("COMPLETED", metrics), "(none)");
  EXPECT_EQ(error_of("FAILED", "{}"), "") << "its time was over";
  EXPECT_EQ(error_of("FAILED", R"({"error":{"error":"half \ud800"}})"), "(none)");
  EXPECT_EQ(session.decoder.take_label_faults(), 1u);
  EXPECT_EQ(error_of("FAILED", metrics), "no such file");
}

}  // namespace
}  // namespace walpulse::decoder
