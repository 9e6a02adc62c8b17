#include "decoder/table_plan.h"

#include <gtest/gtest.h>

#include "tests/decoder/decoder_session.h"

namespace walpulse::decoder {
namespace {

using pgoutput::null;
using pgoutput::text;
using pgoutput::unchanged;
using schema::Label;

EventDecoderOptions keeping_variables() {
  EventDecoderOptions options = run_options();
  options.json_columns = {"variables"};
  return options;
}

EventDecoderOptions labelled() {
  EventDecoderOptions options = run_options();
  options.labels = {{"partner", "variables", {"partner"}},
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
                                          {text("2"), null(), null()})),
            R"("before":{"id":1},"after":{"id":2,"status":null,"variables":null})");
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

TEST(TablePlan, KeyTupleFillsNothing) {
  DecoderSession session(keeping_variables());
  session.begin();
  EXPECT_EQ(session.rows(pgoutput::update(kRuns, 'K', {text("1"), null(), null()},
                                          {text("2"), text("x"), unchanged()})),
            R"("before":{"id":1},"after":{"id":2,"status":"x"},"unchanged":["variables"])");
}

TEST(TablePlan, KeepsJsonHomeFromFullOldTuplesToo) {
  DecoderSession session;
  session.begin(runs_relation('f'));
  EXPECT_EQ(session.rows(pgoutput::update(kRuns, 'O', {text("1"), null(), text("{}")},
                                          {text("1"), text("x"), unchanged()})),
            R"("before":{"id":1,"status":null},"after":{"id":1,"status":"x"})");
}

TEST(TablePlan, ReplicaIdentityFullTakesTheKeyFromTheOptions) {
  const std::string insert = pgoutput::insert(kRuns, {text("1"), text("x"), null()});
  DecoderSession as_told;
  as_told.begin(runs_relation('f'));
  EXPECT_TRUE(as_told.event(insert)->table->columns[1].key);

  EventDecoderOptions options = run_options();
  options.key_columns = {"id"};
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
