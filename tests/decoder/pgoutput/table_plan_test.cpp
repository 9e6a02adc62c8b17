#include "decoder/pgoutput/table_plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "decoder/base/type_oids.h"
#include "tests/decoder/decoder_session.h"

namespace walpulse::decoder {
namespace {

using pgoutput::null;
using pgoutput::text;
using pgoutput::unchanged;
using schema::Label;

EventDecoderOptions keeping_variables() {
  EventDecoderOptions options = run_options();
  options.tables.front().columns = {"variables"};
  return options;
}

EventDecoderOptions labelled() {
  EventDecoderOptions options = run_options();
  options.tables.front().labels = {{"partner", "variables", {"partner"}},
                                   {"team", "variables", {"owner", "team"}},
                                   {"nowhere", "no_such_column", {"x"}}};
  return options;
}

TEST(TablePlan, KeepsJsonHome) {
  DecoderSession session;
  session.begin();
  EXPECT_EQ(session.rows(pgoutput::insert(kRuns, {text("1"), text("x"), text("{}")})),
            R"("before":null,"after":{"id":1,"status":"x"})");
  EXPECT_EQ(session.rows(pgoutput::update(kRuns, {text("1"), text("y"), unchanged()})),
            R"("before":null,"after":{"id":1,"status":"y"})");
}

TEST(TablePlan, LetsAllowedJsonPassWhole) {
  DecoderSession session(keeping_variables());
  session.begin();
  EXPECT_EQ(session.rows(pgoutput::insert(kRuns, {text("1"), text("x"), text("{\"a\" : 1}")})),
            R"("before":null,"after":{"id":1,"status":"x","variables":"{\"a\" : 1}"})");
  EXPECT_EQ(session.rows(pgoutput::update(kRuns, {text("1"), text("y"), unchanged()})),
            R"("before":null,"after":{"id":1,"status":"y"},"unchanged":["variables"])");
}

TEST(TablePlan, KeyTupleSaysNothingOfOtherColumns) {
  DecoderSession session(keeping_variables());
  session.begin();
  EXPECT_EQ(session.rows(pgoutput::remove(kRuns, 'K', {text("1"), null(), null()})),
            R"("before":{"id":1},"after":null)");
  EXPECT_EQ(session.rows(pgoutput::update(kRuns, 'K', {text("1"), null(), null()},
                                          {text("1"), null(), null()})),
            R"("before":{"id":1},"after":{"id":1,"status":null,"variables":null})");
}

TEST(TablePlan, FullOldTupleIsTheRowAndFillsUnchangedValues) {
  DecoderSession session(keeping_variables());
  session.begin(runs_relation('f'));
  EXPECT_EQ(session.rows(pgoutput::update(kRuns, 'O', {text("1"), null(), text("{}")},
                                          {text("1"), text("x"), unchanged()})),
            R"("before":{"id":1,"status":null,"variables":"{}"},)"
            R"("after":{"id":1,"status":"x","variables":"{}"})");
  EXPECT_EQ(session.rows(pgoutput::remove(kRuns, 'O', {text("1"), null(), text("{}")})),
            R"("before":{"id":1,"status":null,"variables":"{}"},"after":null)");
}

TEST(TablePlan, KeyTupleFillsNothingButTheKey) {
  DecoderSession session(keeping_variables());
  session.begin();
  EXPECT_EQ(session.rows(pgoutput::update(kRuns, 'K', {text("1"), null(), null()},
                                          {unchanged(), text("x"), unchanged()})),
            R"("before":{"id":1},"after":{"id":1,"status":"x"},"unchanged":["variables"])");
}

TEST(TablePlan, KeepsJsonHomeFromFullOldTuplesToo) {
  DecoderSession session;
  session.begin(runs_relation('f'));
  EXPECT_EQ(session.rows(pgoutput::update(kRuns, 'O', {text("1"), null(), text("{}")},
                                          {text("1"), text("x"), unchanged()})),
            R"("before":{"id":1,"status":null},"after":{"id":1,"status":"x"})");
}

/// The database's own types: a domain over jsonb, one over an array, a domain over int, an enum,
/// and one that is gone.
EventDecoderOptions with_types() {
  EventDecoderOptions options = run_options();
  options.base_type = [](Oid type) -> Result<std::optional<Oid>> {
    if (type == Oid{16500}) return kJsonbOid;
    if (type == Oid{16501}) return kJsonArrayOid;
    if (type == Oid{16502}) return kInt4Oid;
    if (type == Oid{16503}) return kBoolOid;
    if (type == Oid{16504}) return kTimestamptzOid;
    if (type == Oid{16505}) return type;
    return std::optional<Oid>();
  };
  return options;
}

TEST(TablePlan, ADomainsValuesAreThoseOfItsBaseType) {
  DecoderSession session(with_types());
  session.begin(
      pgoutput::relation(kRuns, "public", "pipeline_run", 'd',
                         {{"id", 16502, true}, {"late", 16503}, {"at", 16504}, {"status", 16505}}));
  EXPECT_EQ(session.rows(pgoutput::insert(
                kRuns, {text("1"), text("t"), text("2025-01-02 03:04:05+01"), text("RUNNING")})),
            R"("before":null,"after":{"id":1,"late":true,"at":"2025-01-02T02:04:05.000000Z",)"
            R"("status":"RUNNING"})");
}

TEST(TablePlan, KeepsHomeWhateverHoldsJsonOrIsUnknown) {
  EventDecoderOptions options = with_types();
  for (const std::uint32_t type : {114u, 3802u, 199u, 3807u, 16500u, 16501u, 16999u}) {
    for (const bool let_out : {false, true}) {
      options.tables.front().columns =
          let_out ? std::vector<std::string>{"note"} : std::vector<std::string>{};
      DecoderSession session(options);
      session.begin(pgoutput::relation(kRuns, "public", "pipeline_run", 'd',
                                       {{"id", 23, true}, {"note", type}}));
      EXPECT_EQ(session.rows(pgoutput::insert(kRuns, {text("1"), text("{}")})),
                let_out ? R"("before":null,"after":{"id":1,"note":"{}"})"
                        : R"("before":null,"after":{"id":1})")
          << type;
    }
  }
}

TEST(TablePlan, WithoutAnswersTheDatabasesOwnTypesStayHome) {
  EventDecoderOptions options = run_options();
  options.base_type = nullptr;
  DecoderSession session(options);
  session.begin(pgoutput::relation(kRuns, "public", "pipeline_run", 'd',
                                   {{"id", 23, true}, {"mood", 16390}}));
  EXPECT_EQ(session.rows(pgoutput::insert(kRuns, {text("1"), text("glad")})),
            R"("before":null,"after":{"id":1})");
}

TEST(TablePlan, WhatTheMetricsNeedLeavesThoughItsTypeIsGone) {
  for (const char* name : {"status", "pipeline_uuid", "started_at", "passed_sla"}) {
    DecoderSession session(with_types());
    session.begin(pgoutput::relation(kRuns, "public", "pipeline_run", 'd',
                                     {{"id", 23, true}, {name, 16999}}));
    EXPECT_EQ(session.rows(pgoutput::insert(kRuns, {text("1"), text("x")})),
              R"("before":null,"after":{"id":1,")" + std::string(name) + R"(":"x"})");
    EXPECT_EQ(session.decoder.take_withheld().count, 0u);
  }
}

TEST(TablePlan, JsonStaysHomeUnderANameThatTheMetricsNeed) {
  DecoderSession session;
  session.begin(pgoutput::relation(kRuns, "public", "pipeline_run", 'd',
                                   {{"id", 23, true}, {"status", 3802}}));
  EXPECT_EQ(session.rows(pgoutput::insert(kRuns, {text("1"), text("{}")})),
            R"("before":null,"after":{"id":1})");
}

/// Types that are gone: domains over these, as the server still names them; and an enum.
TEST(TablePlan, OfATypeThatIsGoneTheServersWordCounts) {
  DecoderSession session(with_types());
  ASSERT_TRUE(session.feed(pgoutput::begin(kCommitLsn, kCommitTime, 771)));
  for (const auto& [oid, name] : std::map<std::uint32_t, const char*>{
           {16901, "int4"}, {16902, "bool"}, {16903, "jsonb"}, {16904, "_json"}, {16905, "text"}}) {
    EXPECT_EQ(session.event(pgoutput::type(oid, "", name)), nullptr);
  }
  EXPECT_EQ(session.event(pgoutput::type(16906, "public", "int4")), nullptr);
  ASSERT_TRUE(session.feed(pgoutput::relation(kRuns, "public", "pipeline_run", 'd',
                                              {{"id", 16901, true},
                                               {"late", 16902},
                                               {"doc", 16903},
                                               {"docs", 16904},
                                               {"note", 16905},
                                               {"mood", 16906}})));
  const auto row = pgoutput::insert(
      kRuns, {text("1"), text("t"), text("{}"), text("{}"), text("x"), text("glad")});
  EXPECT_EQ(session.rows(row), R"("before":null,"after":{"id":1,"late":true,"note":"x"})");
  EXPECT_EQ(session.decoder.take_withheld().columns, std::vector<std::string>{"mood"});
}

TEST(TablePlan, WhatIsWithheldForAnUnknownTypeIsCounted) {
  EventDecoderOptions options = with_types();
  options.tables.front().columns = {"asked"};
  DecoderSession session(options);
  session.begin(pgoutput::relation(
      kRuns, "public", "pipeline_run", 'd',
      {{"id", 23, true}, {"mood", 16999}, {"asked", 16999}, {"token", 16999}, {"doc", 114}}));
  const pgoutput::TupleOf row = {text("1"), text("glad"), text("x"), text("y"), text("{}")};
  ASSERT_NE(session.event(pgoutput::insert(kRuns, row)), nullptr);
  ASSERT_NE(session.event(pgoutput::update(kRuns, row)), nullptr);
  const auto withheld = session.decoder.take_withheld();
  EXPECT_EQ(withheld.count, 2u);
  EXPECT_EQ(withheld.columns, std::vector<std::string>{"mood"});
  EXPECT_EQ(session.decoder.take_withheld().count, 0u);
}

TEST(TablePlan, KeepsHomeWhatIsCalledASecret) {
  for (const char* name : {"token", "Token", "api_token", "SECRET", "client_secret", "password",
                           "db_PASSWORD", "tokens", "Secrets", "password_hash", "password_salt",
                           "secret_key", "api_TOKENS_hash", "_token_", "token_count"}) {
    EventDecoderOptions options = run_options();
    const std::string relation =
        pgoutput::relation(kRuns, "public", "pipeline_run", 'd', {{"id", 23, true}, {name, 1043}});
    DecoderSession session(options);
    session.begin(relation);
    EXPECT_EQ(session.rows(pgoutput::insert(kRuns, {text("1"), text("x")})),
              R"("before":null,"after":{"id":1})")
        << name;
    options.tables.front().columns = {name};
    DecoderSession asked(options);
    asked.begin(relation);
    EXPECT_THAT(asked.rows(pgoutput::insert(kRuns, {text("1"), text("x")})),
                testing::HasSubstr(name));
  }
}

TEST(TablePlan, NothingThatMageNeedsIsCalledASecret) {
  DecoderSession session;
  for (const char* name : {"id", "status", "pipeline_uuid", "secretary", "passwordless", "subtoken",
                           "tokenss", "secret2", "_", "s", "created_at"}) {
    session.decoder.reset();
    session.begin(pgoutput::relation(kRuns, "public", "pipeline_run", 'd', {{name, 1043, true}}));
    EXPECT_THAT(session.rows(pgoutput::insert(kRuns, {text("x")})), testing::HasSubstr(name));
  }
}

TEST(TablePlan, ReplicaIdentityFullTakesTheKeyFromTheOptions) {
  const std::string insert = pgoutput::insert(kRuns, {text("1"), text("x"), null()});
  DecoderSession as_told;
  as_told.begin(runs_relation('f'));
  EXPECT_TRUE(as_told.event(insert)->table->columns[1].key);

  EventDecoderOptions options = run_options();
  options.tables.front().key_columns = {"id"};
  DecoderSession known(options);
  known.begin(runs_relation('f'));
  const schema::ChangeEvent* event = known.event(insert);
  EXPECT_TRUE(event->table->columns[0].key);
  EXPECT_FALSE(event->table->columns[1].key);
  EXPECT_EQ(schema::primary_key(*event), "1");
}

TEST(TablePlan, LabelsLeaveEvenWhereTheColumnStaysHome) {
  DecoderSession session(labelled());
  session.begin();
  const schema::ChangeEvent* event = session.event(pgoutput::insert(
      kRuns, {text("1"), null(), text(R"({"owner":{"team":7},"partner":"acme"})")}));
  EXPECT_EQ(event->labels, (std::vector<Label>{{"partner", "acme"}, {"team", "7"}}));
  EXPECT_EQ(event->after[2].state, schema::Cell::State::absent);
}

TEST(TablePlan, LabelsAreMissingWhereTheColumnIsNullOrUnchanged) {
  DecoderSession session(labelled());
  session.begin();
  EXPECT_TRUE(session.event(pgoutput::insert(kRuns, {text("1"), null(), null()}))->labels.empty());
  EXPECT_TRUE(
      session.event(pgoutput::update(kRuns, {text("1"), null(), unchanged()}))->labels.empty());
  EXPECT_TRUE(
      session.event(pgoutput::remove(kRuns, 'K', {text("1"), null(), null()}))->labels.empty());
}

TEST(TablePlan, LabelsThatCannotBeReadAreCounted) {
  DecoderSession session(labelled());
  session.begin();
  const schema::ChangeEvent* event = session.event(pgoutput::insert(
      kRuns, {text("1"), null(), text(R"({"owner":{"team":"\ud800"},"partner":"acme"})")}));
  EXPECT_EQ(event->labels, (std::vector<Label>{{"partner", "acme"}}));
  EXPECT_EQ(session.decoder.take_label_faults(), 1u);
  EXPECT_EQ(session.decoder.take_label_faults(), 0u);
}

TEST(TablePlan, LabelsOfFullOldTuplesServeUnchangedColumnsAndDeletes) {
  DecoderSession session(labelled());
  session.begin(runs_relation('f'));
  const pgoutput::TupleOf old_row = {text("1"), null(), text(R"({"partner":"acme"})")};
  const std::vector<Label> expected = {{"partner", "acme"}};
  EXPECT_EQ(
      session.event(pgoutput::update(kRuns, 'O', old_row, {text("1"), text("x"), unchanged()}))
          ->labels,
      expected);
  EXPECT_EQ(session.event(pgoutput::remove(kRuns, 'O', old_row))->labels, expected);
}

}  // namespace
}  // namespace walpulse::decoder
