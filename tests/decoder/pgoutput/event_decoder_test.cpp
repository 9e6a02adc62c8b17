#include "decoder/pgoutput/event_decoder.h"

#include <gtest/gtest.h>

#include <utility>

#include "tests/decoder/decoder_session.h"
#include "tests/decoder/schema/golden.h"

namespace walpulse::decoder {
namespace {

using pgoutput::null;
using pgoutput::text;

TEST(EventDecoder, GivesATransactionItsEdgesAndEvents) {
  DecoderSession session;
  const auto begun = session.feed(pgoutput::begin(kCommitLsn, kCommitTime, 771));
  ASSERT_TRUE(begun);
  EXPECT_EQ(std::get<EventDecoder::Begun>(*begun).commit_lsn, Lsn{kCommitLsn});
  EXPECT_EQ(std::get<EventDecoder::Begun>(*begun).xid, Xid{771});
  EXPECT_EQ(session.event(runs_relation()), nullptr);
  EXPECT_NE(session.event(pgoutput::insert(kRuns, {text("1"), null(), null()})), nullptr);
  EXPECT_NE(session.event(pgoutput::insert(kRuns, {text("2"), null(), null()})), nullptr);
  const auto committed = session.feed(pgoutput::commit(kCommitLsn, kCommitLsn + 48, kCommitTime));
  ASSERT_TRUE(committed);
  const auto& commit = std::get<EventDecoder::Committed>(*committed);
  EXPECT_EQ(commit.commit_lsn, Lsn{kCommitLsn});
  EXPECT_EQ(commit.end_lsn, Lsn{kCommitLsn + 48});
  EXPECT_EQ(commit.commit_time, from_postgres_epoch(kCommitTime));
  EXPECT_EQ(commit.change_count, 2u);
}

TEST(EventDecoder, WritesTheContractFromTheServersBytes) {
  DecoderSession session;
  const std::string relation = pgoutput::relation(
      kRuns, "public", "pipeline_run", 'd',
      {{"id", 23, true}, {"pipeline_uuid", 1043}, {"status", 16390}, {"variables", 114}});
  session.begin(relation);
  EXPECT_NE(session.event(pgoutput::truncate({kRuns}, 0)), nullptr);
  EXPECT_NE(session.event(pgoutput::truncate({kRuns}, 0)), nullptr);
  std::string json;
  schema::append_json(
      *session.event(pgoutput::update(
          kRuns, {text("812"), text("daily_sales"), text("RUNNING"), pgoutput::unchanged()})),
      json);
  schema::expect_golden("update", json);
}

TEST(EventDecoder, CountsOnlyOurTablesChanges) {
  DecoderSession session;
  session.begin();
  ASSERT_TRUE(session.feed(pgoutput::relation(kOther, "public", "block_run", 'd', {{"id", 23}})));
  EXPECT_EQ(session.event(pgoutput::insert(kOther, {text("1")})), nullptr);
  EXPECT_EQ(session.event(pgoutput::insert(kRuns, {text("1"), null(), null()}))->position.ordinal,
            0);
  EXPECT_EQ(session.event(pgoutput::remove(kOther, 'K', {text("1")})), nullptr);
  EXPECT_EQ(session.event(pgoutput::update(kOther, {text("1")})), nullptr);
  EXPECT_EQ(session.event(pgoutput::truncate({kRuns}, 0))->position.ordinal, 1);
  EXPECT_EQ(session.event(pgoutput::update(kRuns, {text("1"), null(), null()}))->position.ordinal,
            2);
}

TEST(EventDecoder, OrdinalsBeginAnewWithEachTransaction) {
  DecoderSession session;
  session.begin();
  session.event(pgoutput::insert(kRuns, {text("1"), null(), null()}));
  ASSERT_TRUE(session.feed(pgoutput::commit(kCommitLsn, kCommitLsn + 48, kCommitTime)));
  ASSERT_TRUE(session.feed(pgoutput::begin(kCommitLsn + 100, kCommitTime, 772)));
  const schema::ChangeEvent* event =
      session.event(pgoutput::insert(kRuns, {text("2"), null(), null()}));
  EXPECT_EQ(event->position, (schema::Position{1763600000, Lsn{kCommitLsn + 100}, 0}));
  EXPECT_EQ(event->xid, Xid{772});
  EXPECT_EQ(event->lsn, Lsn{24023128});
}

TEST(EventDecoder, SameTableNameInAnotherSchemaIsNotOurs) {
  DecoderSession session;
  session.begin(pgoutput::relation(kOther, "private", "pipeline_run", 'd', {{"id", 23, true}}));
  EXPECT_EQ(session.event(pgoutput::insert(kOther, {text("1")})), nullptr);
}

TEST(EventDecoder, KnowsTheTableUnderEveryName) {
  DecoderSession session;
  session.begin();
  for (const auto& [schema, table] :
       {std::pair("public", "pr2"), {"archive", "pipeline_run"}, {"", "x"}}) {
    ASSERT_TRUE(session.feed(pgoutput::relation(kRuns, schema, table, 'd', {{"id", 23, true}})));
    const schema::ChangeEvent* event = session.event(pgoutput::insert(kRuns, {text("1")}));
    ASSERT_NE(event, nullptr) << table;
    EXPECT_EQ(schema::qualified_name(*event->table), "public.pipeline_run");
  }
}

TEST(EventDecoder, AnotherTableUnderTheNameIsTheEnd) {
  DecoderSession session;
  session.begin(pgoutput::relation(kRuns, "public", "pr2", 'd', {{"id", 23, true}}));
  EXPECT_EQ(
      session.event(pgoutput::relation(kOther, "public", "pipeline_run", 'd', {{"id", 23, true}})),
      nullptr);
  // Each of its changes, for it is described but once; and not those of our own.
  for (int i = 0; i < 2; ++i) {
    for (const auto& change :
         {pgoutput::insert(kOther, {text("1")}), pgoutput::update(kOther, {text("1")}),
          pgoutput::remove(kOther, 'K', {text("1")}), pgoutput::truncate({kOther}, 0),
          pgoutput::truncate({kRuns, kOther}, 0)}) {
      const auto step = session.feed(change);
      ASSERT_TRUE(step);
      ASSERT_TRUE(std::holds_alternative<EventDecoder::Replaced>(*step));
      EXPECT_EQ(std::get<EventDecoder::Replaced>(*step).by, Oid{kOther});
    }
    EXPECT_NE(session.event(pgoutput::insert(kRuns, {text("1")})), nullptr);
  }
  session.event(pgoutput::relation(kOther, "public", "another", 'd', {{"id", 23, true}}));
  const auto step = session.feed(pgoutput::insert(kOther, {text("1")}));
  EXPECT_TRUE(std::holds_alternative<EventDecoder::Foreign>(*step));
}

TEST(EventDecoder, AChangedKeyIsADeleteAndAnInsertOfOnePosition) {
  DecoderSession session;
  session.begin(pgoutput::relation(
      kRuns, "public", "pipeline_run", 'd',
      {{"id", 23, true}, {"variables", 25}, {"pipeline_uuid", 1043}, {"status", 16390}}));
  session.event(pgoutput::truncate({kRuns}, 0));
  session.event(pgoutput::truncate({kRuns}, 0));
  const schema::ChangeEvent* event = session.event(pgoutput::update(
      kRuns, 'K', {text("1"), null(), null(), null()},
      {text("1000"), pgoutput::unchanged(), text("daily_sales"), text("RUNNING")}));
  ASSERT_NE(event, nullptr);
  std::string json;
  schema::append_json(*event, json);
  schema::expect_golden("changed_key_old", json);
  EXPECT_EQ(schema::event_id(*event), "mage/public.pipeline_run/1763600000/24023200/2d");
  EXPECT_EQ(schema::primary_key(*event), "1");

  schema::ChangeEvent* carried = session.decoder.next();
  ASSERT_NE(carried, nullptr);
  carried->labels = {{"partner", "acme"}};
  json.clear();
  schema::append_json(*carried, json);
  schema::expect_golden("changed_key", json);
  EXPECT_EQ(schema::event_id(*carried), "mage/public.pipeline_run/1763600000/24023200/2");
  EXPECT_EQ(schema::primary_key(*carried), "1000");
  EXPECT_EQ(session.decoder.next(), nullptr);

  event = session.event(pgoutput::remove(kRuns, 'K', {text("1000"), null(), null(), null()}));
  EXPECT_EQ(event->position.ordinal, 3);
  EXPECT_EQ(schema::event_id(*event), "mage/public.pipeline_run/1763600000/24023200/3");
  EXPECT_EQ(session.decoder.next(), nullptr);
  const auto committed = session.feed(pgoutput::commit(kCommitLsn, kCommitLsn + 48, kCommitTime));
  EXPECT_EQ(std::get<EventDecoder::Committed>(*committed).change_count, 4u);
}

TEST(EventDecoder, UnderFullIdentityThePrimaryKeyTellsAChangedKey) {
  EventDecoderOptions options = run_options();
  options.tables.front().key_columns = {"id"};
  DecoderSession session(options);
  session.begin(runs_relation('f'));
  EXPECT_EQ(session.rows(pgoutput::update(kRuns, 'O', {text("1"), text("x"), text("{}")},
                                          {text("2"), text("y"), pgoutput::unchanged()})),
            R"("before":{"id":1},"after":null)");
  EXPECT_EQ(DecoderSession::rows_of(session.decoder.next()),
            R"("before":null,"after":{"id":2,"status":"y"},"previous_key":{"id":1})");
  EXPECT_EQ(session.rows(pgoutput::update(kRuns, 'O', {text("2"), text("y"), text("{}")},
                                          {text("2"), text("z"), pgoutput::unchanged()})),
            R"("before":{"id":2,"status":"y"},"after":{"id":2,"status":"z"})");
  EXPECT_EQ(session.decoder.next(), nullptr);
}

TEST(EventDecoder, UnderFullIdentityWithoutAPrimaryKeyNothingTellsKeysApart) {
  DecoderSession session;
  session.begin(runs_relation('f'));
  EXPECT_EQ(session
                .event(pgoutput::update(kRuns, 'O', {text("1"), text("x"), null()},
                                        {text("2"), text("y"), null()}))
                ->operation,
            schema::Operation::update);
  EXPECT_EQ(session.decoder.next(), nullptr);
}

TEST(EventDecoder, OfAKeyOfSeveralColumnsOneIsEnough) {
  DecoderSession session;
  session.begin(pgoutput::relation(kRuns, "public", "pipeline_run", 'i',
                                   {{"a", 25, true}, {"b", 23, true}, {"c", 25}}));
  EXPECT_EQ(session.rows(pgoutput::update(kRuns, 'K', {text("x"), text("1"), null()},
                                          {pgoutput::unchanged(), text("2"), text("z")})),
            R"("before":{"a":"x","b":1},"after":null)");
  EXPECT_EQ(DecoderSession::rows_of(session.decoder.next()),
            R"("before":null,"after":{"a":"x","b":2,"c":"z"},"previous_key":{"a":"x","b":1})");
}

/// id, status, note; the identity is the index on id and status, or more.
std::string wide_identity(bool holds_note = false) {
  return pgoutput::relation(kRuns, "public", "pipeline_run", 'i',
                            {{"id", 23, true}, {"status", 25, true}, {"note", 25, holds_note}});
}

TEST(EventDecoder, OfAnIdentityThatHoldsThePrimaryKeyOnlyThatTellsKeysApart) {
  EventDecoderOptions options = run_options();
  options.tables.front().key_columns = {"id"};
  DecoderSession session(options);
  session.begin(wide_identity());
  const schema::ChangeEvent* event = session.event(pgoutput::update(
      kRuns, 'K', {text("1"), text("x"), null()}, {text("1"), text("y"), text("z")}));
  EXPECT_EQ(event->operation, schema::Operation::update);
  EXPECT_EQ(schema::primary_key(*event), "1") << "what orders the run's events, whatever changes";
  EXPECT_EQ(DecoderSession::rows_of(event),
            R"("before":{"id":1,"status":"x"},"after":{"id":1,"status":"y","note":"z"})");
  EXPECT_EQ(session.decoder.next(), nullptr);
  EXPECT_EQ(session.rows(pgoutput::update(kRuns, 'K', {text("1"), text("y"), null()},
                                          {text("2"), text("z"), null()})),
            R"("before":{"id":1},"after":null)");
  EXPECT_EQ(DecoderSession::rows_of(session.decoder.next()),
            R"("before":null,"after":{"id":2,"status":"z","note":null},"previous_key":{"id":1})");
  EXPECT_EQ(session.rows(pgoutput::remove(kRuns, 'K', {text("2"), text("z"), null()})),
            R"("before":{"id":2,"status":"z"},"after":null)")
      << "all that the identity says of a row that is gone";
}

TEST(EventDecoder, AKeyOfSeveralColumnsMayStandInAWiderIdentity) {
  EventDecoderOptions options = run_options();
  options.tables.front().key_columns = {"id", "status"};
  DecoderSession session(options);
  session.begin(wide_identity(true));
  EXPECT_EQ(session.rows(pgoutput::update(kRuns, 'K', {text("1"), text("x"), text("a")},
                                          {text("1"), text("x"), text("b")})),
            R"("before":{"id":1,"status":"x","note":"a"},)"
            R"("after":{"id":1,"status":"x","note":"b"})");
  EXPECT_EQ(session.rows(pgoutput::update(kRuns, 'K', {text("1"), text("x"), text("b")},
                                          {text("1"), text("y"), text("c")})),
            R"("before":{"id":1,"status":"x"},"after":null)");
}

TEST(EventDecoder, OfAnIdentityWithoutThePrimaryKeyEveryColumnCounts) {
  EventDecoderOptions options = run_options();
  options.tables.front().key_columns = {"id", "note"};
  DecoderSession session(options);
  session.begin(wide_identity());
  EXPECT_EQ(session.rows(pgoutput::update(kRuns, 'K', {text("1"), text("x"), null()},
                                          {text("1"), text("y"), text("z")})),
            R"("before":{"id":1,"status":"x"},"after":null)");
}

TEST(EventDecoder, WhatAWiderIdentityHoldsOfTheOldRowFillsUnchangedValues) {
  EventDecoderOptions options = run_options();
  options.tables.front().key_columns = {"id"};
  DecoderSession session(options);
  session.begin(wide_identity(true));
  EXPECT_EQ(session.rows(pgoutput::update(kRuns, 'K', {text("1"), text("x"), text("long")},
                                          {text("1"), text("y"), pgoutput::unchanged()})),
            R"("before":{"id":1,"status":"x","note":"long"},)"
            R"("after":{"id":1,"status":"y","note":"long"})");
}

TEST(EventDecoder, AnUnchangedKeyThatWasNotResentIsInTheNewRow) {
  DecoderSession session;
  session.begin(pgoutput::relation(kRuns, "public", "pipeline_run", 'd',
                                   {{"name", 25, true}, {"status", 25}}));
  EXPECT_EQ(session.rows(pgoutput::update(kRuns, 'K', {text("long"), null()},
                                          {pgoutput::unchanged(), text("y")})),
            R"("before":{"name":"long"},"after":{"name":"long","status":"y"})");
  EXPECT_EQ(session.decoder.next(), nullptr);
}

TEST(EventDecoder, AFurtherEventIsForgottenWithItsMessage) {
  DecoderSession session;
  session.begin();
  const auto change =
      pgoutput::update(kRuns, 'K', {text("1"), null(), null()}, {text("2"), null(), null()});
  ASSERT_NE(session.event(change), nullptr);
  ASSERT_NE(session.event(pgoutput::truncate({kRuns}, 0)), nullptr);
  EXPECT_EQ(session.decoder.next(), nullptr);
  ASSERT_NE(session.event(change), nullptr);
  session.decoder.reset();
  EXPECT_EQ(session.decoder.next(), nullptr);
}

TEST(EventDecoder, AskedForTypesInVainItIsNoFaultOfTheBytes) {
  EventDecoderOptions options = run_options();
  options.base_type = [](Oid) -> Result<std::optional<Oid>> {
    return fail(ErrorKind::unavailable, "the server is away");
  };
  DecoderSession session(options);
  ASSERT_TRUE(session.feed(pgoutput::begin(kCommitLsn, kCommitTime, 771)));
  const auto step =
      session.feed(pgoutput::relation(kRuns, "public", "x", 'd', {{"id", 23}, {"state", 16390}}));
  ASSERT_FALSE(step);
  EXPECT_EQ(step.error().kind, ErrorKind::unavailable);
}

TEST(EventDecoder, MeansNothingByOriginTypeAndLogicalMessage) {
  DecoderSession session;
  EXPECT_EQ(session.event(pgoutput::logical_message("outside")), nullptr);
  session.begin();
  EXPECT_EQ(session.event(pgoutput::origin()), nullptr);
  EXPECT_EQ(session.event(pgoutput::type()), nullptr);
  EXPECT_EQ(session.event(pgoutput::logical_message("inside")), nullptr);
}

TEST(EventDecoder, GivesOneEventForATruncateOfSeveralTables) {
  DecoderSession session;
  session.begin();
  ASSERT_TRUE(session.feed(pgoutput::relation(kOther, "public", "block_run", 'd', {{"id", 23}})));
  const schema::ChangeEvent* event = session.event(pgoutput::truncate({kOther, kRuns}, 3));
  ASSERT_NE(event, nullptr);
  EXPECT_EQ(event->operation, schema::Operation::truncate);
  EXPECT_TRUE(event->cascade && event->restart_identity);
  EXPECT_TRUE(event->before.empty() && event->after.empty());
  EXPECT_EQ(session.event(pgoutput::truncate({kOther}, 0)), nullptr);
  EXPECT_FALSE(session.event(pgoutput::truncate({kRuns}, 1))->restart_identity);
  // And what it set does not stay for the next event.
  EXPECT_FALSE(session.event(pgoutput::insert(kRuns, {text("1"), null(), null()}))->cascade);
}

TEST(EventDecoder, FollowsTheTableThroughAnAlterInsideATransaction) {
  DecoderSession session;
  session.begin();
  EXPECT_EQ(session.rows(pgoutput::insert(kRuns, {text("1"), text("x"), null()})),
            R"("before":null,"after":{"id":1,"status":"x"})");
  ASSERT_TRUE(session.feed(
      pgoutput::relation(kRuns, "public", "pipeline_run", 'd', {{"id", 20, true}, {"state", 25}})));
  EXPECT_EQ(session.rows(pgoutput::insert(kRuns, {text("2"), text("y")})),
            R"("before":null,"after":{"id":2,"state":"y"})");
}

TEST(EventDecoder, LastEventKeepsItsDescriptionUntilTheNextCall) {
  DecoderSession session;
  session.begin();
  const schema::ChangeEvent* event =
      session.event(pgoutput::insert(kRuns, {text("1"), null(), null()}));
  ASSERT_TRUE(session.feed(pgoutput::relation(kRuns, "public", "pipeline_run", 'd', {})));
  EXPECT_EQ(event->table->columns.size(), 3u);
}

TEST(EventDecoder, RefusesChangesOutsideATransaction) {
  DecoderSession session;
  ASSERT_TRUE(session.feed(runs_relation()));
  EXPECT_EQ(session.refusal(pgoutput::insert(kRuns, {text("1"), null(), null()})),
            "pgoutput at 0/16E9058: Insert message, offset 0: no transaction is open");
  EXPECT_NE(session.refusal(pgoutput::truncate({kRuns}, 0)), "(taken)");
  EXPECT_NE(session.refusal(pgoutput::commit(1, 2, 3)), "(taken)");
}

TEST(EventDecoder, RefusesATransactionInsideAnotherAndTheWrongCommit) {
  DecoderSession session;
  session.begin();
  EXPECT_NE(session.refusal(pgoutput::begin(1, 2, 3)), "(taken)");
  EXPECT_EQ(
      session.refusal(pgoutput::commit(1, 2, 3)),
      "pgoutput at 0/16E9058: Commit message, offset 2: commits 0/1, but 0/16E90A0 had begun");
}

TEST(EventDecoder, RefusesRelationsThatWereNeverAnnounced) {
  DecoderSession session;
  session.begin();
  EXPECT_EQ(session.refusal(pgoutput::insert(99, {})),
            "pgoutput at 0/16E9058: Insert message, offset 1: the relation 99 was never announced");
  EXPECT_EQ(
      session.refusal(pgoutput::truncate({kRuns, 99}, 0)),
      "pgoutput at 0/16E9058: Truncate message, offset 10: the relation 99 was never announced");
}

TEST(EventDecoder, RefusesTuplesThatDoNotFitTheirTable) {
  DecoderSession session;
  session.begin();
  EXPECT_EQ(session.refusal(pgoutput::insert(kRuns, {text("1")})),
            "pgoutput at 0/16E9058: Insert message, offset 6: 1 values for the 3 columns of "
            "public.pipeline_run");
  const pgoutput::TupleOf good = {text("1"), null(), null()};
  EXPECT_NE(session.refusal(pgoutput::update(kRuns, 'K', {text("1")}, good)), "(taken)");
  EXPECT_NE(session.refusal(pgoutput::update(kRuns, 'K', good, {text("1")})), "(taken)");
  EXPECT_NE(session.refusal(pgoutput::remove(kRuns, 'K', {text("1")})), "(taken)");
}

TEST(EventDecoder, RefusesBinaryValues) {
  DecoderSession session;
  session.begin();
  EXPECT_NE(session.refusal(pgoutput::insert(kRuns, {pgoutput::binary("x"), null(), null()})),
            "(taken)");
}

TEST(EventDecoder, RefusalsOfBrokenBytesNameTypeOffsetAndLsn) {
  DecoderSession session;
  EXPECT_EQ(session.refusal("B123"), "pgoutput at 0/16E9058: Begin message, offset 1: cut off");
}

TEST(EventDecoder, AMessageWithoutAPositionIsPlacedByItsTransaction) {
  DecoderSession session;
  session.begin();
  const std::string broken = "R123";
  const auto step = session.decoder.feed(Lsn{}, pgoutput::bytes(broken));
  ASSERT_FALSE(step);
  EXPECT_EQ(step.error().message.find("pgoutput at 0/16E90A0: "), 0u) << step.error().message;
}

TEST(EventDecoder, ForgetsRelationsAndTheOpenTransactionOnReconnect) {
  DecoderSession session;
  session.begin();
  session.event(pgoutput::insert(kRuns, {text("1"), null(), null()}));
  session.decoder.reset();
  ASSERT_TRUE(session.feed(pgoutput::begin(kCommitLsn, kCommitTime, 771)));
  EXPECT_NE(session.refusal(pgoutput::insert(kRuns, {text("1"), null(), null()})), "(taken)");
  session.decoder.reset();
  session.begin();
  EXPECT_EQ(session.event(pgoutput::insert(kRuns, {text("1"), null(), null()}))->position.ordinal,
            0);
}

}  // namespace
}  // namespace walpulse::decoder
