#include "connector/catalog/capture_identity.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace walpulse::connector {
namespace {

CaptureIdentity example() {
  return {"mage",
          1763600000,
          7710422979979673879,
          Xid{771},
          {{{"public", "pipeline_run"}, Oid{16412}, Oid{16500}}}};
}

TEST(CaptureIdentity, IsReadableJson) {
  EXPECT_EQ(to_comment(example()), R"({"walpulse":1,"name":"mage","epoch":1763600000,)"
                                   R"("system_identifier":"7710422979979673879","table":16412,)"
                                   R"("publication_relation":16500,"publication_xmin":771,)"
                                   R"("schema":"public","table_name":"pipeline_run"})");
}

TEST(CaptureIdentity, TellsTheEpochsThatItFollowsWhereThereAreAny) {
  CaptureIdentity identity = example();
  identity.follows = {1763500000, 1763550000};
  const std::string comment = to_comment(identity);
  EXPECT_NE(comment.find(R"(,"follows":[1763500000,1763550000])"), std::string::npos) << comment;
  const auto again = parse_comment(comment);
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(*again, identity);
}

TEST(CaptureIdentity, TheNextFollowsItAndItsNewestPredecessors) {
  CaptureIdentity identity = example();
  EXPECT_EQ(followed_by_next(identity), std::vector<std::uint64_t>{1763600000});
  for (std::uint64_t epoch = 1; epoch <= 16; ++epoch) identity.follows.push_back(epoch);
  const auto follows = followed_by_next(identity);
  EXPECT_EQ(follows.size(), 16u);
  EXPECT_EQ(follows.front(), 2u);
  EXPECT_EQ(follows.back(), 1763600000u);
}

TEST(CaptureIdentity, KeepsTheDatabasesNameAndThePublicationsOwner) {
  CaptureIdentity identity = example();
  identity.database = "mage_db";
  identity.publication_owner = Oid{16385};
  const std::string comment = to_comment(identity);
  EXPECT_NE(comment.find(R"("database":"mage_db","publication_owner":16385})"), std::string::npos);
  EXPECT_EQ(*parse_comment(comment), identity);
  const auto earlier = parse_comment(to_comment(example()));
  EXPECT_EQ(earlier->database, "");
  EXPECT_EQ(earlier->publication_owner, Oid{});
}

RC_GTEST_PROP(CaptureIdentity, SurvivesTheComment, ()) {
  CaptureIdentity identity;
  identity.name = *rc::gen::nonEmpty(rc::gen::string<std::string>());
  for (char& c : identity.name) c = static_cast<char>(c & 0x7f);
  identity.epoch = *rc::gen::positive<std::uint64_t>();
  identity.system_identifier = *rc::gen::arbitrary<std::uint64_t>();
  identity.publication_xmin = Xid{*rc::gen::arbitrary<std::uint32_t>()};
  const auto oids =
      *rc::gen::unique<std::vector<std::uint32_t>>(rc::gen::arbitrary<std::uint32_t>());
  RC_PRE(!oids.empty());
  for (const auto oid : oids) {
    identity.tables.push_back({{"a \"schema\"", "table_" + std::to_string(oid)},
                               Oid{oid},
                               Oid{*rc::gen::arbitrary<std::uint32_t>()}});
  }
  identity.database = *rc::gen::element("", "mage", "a \"database\"");
  identity.publication_owner = Oid{*rc::gen::arbitrary<std::uint32_t>()};
  const auto read = parse_comment(to_comment(identity));
  RC_ASSERT(read.has_value());
  RC_ASSERT(*read == identity);
  const bool one = identity.tables.size() == 1;
  RC_ASSERT(to_comment(identity).starts_with(one ? R"({"walpulse":1,)" : R"({"walpulse":2,)"));
}

CaptureIdentity of_two_tables() {
  CaptureIdentity identity = example();
  identity.tables.push_back({{"public", "block_run"}, Oid{16413}, Oid{16501}});
  identity.follows = {1763500000};
  identity.database = "mage_db";
  identity.publication_owner = Oid{16385};
  return identity;
}

constexpr const char* kVersionTwo =
    R"({"walpulse":2,"name":"mage","epoch":1763600000,)"
    R"("system_identifier":"7710422979979673879","publication_xmin":771,"tables":[)"
    R"({"oid":16412,"publication_relation":16500,"schema":"public","name":"pipeline_run"},)"
    R"({"oid":16413,"publication_relation":16501,"schema":"public","name":"block_run"}],)"
    R"("follows":[1763500000],"database":"mage_db","publication_owner":16385})";

TEST(CaptureIdentity, OfSeveralTablesIsVersionTwoOfTheComment) {
  EXPECT_EQ(to_comment(of_two_tables()), kVersionTwo);
  const auto read = parse_comment(kVersionTwo);
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(*read, of_two_tables());
}

TEST(CaptureIdentity, OfOneTableMayStandInEitherVersionAndIsTheSame) {
  const auto read = parse_comment(
      R"({"walpulse":2,"name":"mage","epoch":1763600000,)"
      R"("system_identifier":"7710422979979673879","publication_xmin":771,"tables":[)"
      R"({"oid":16412,"publication_relation":16500,"schema":"public","name":"pipeline_run"}]})");
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(*read, example());
}

TEST(CaptureIdentity, FindsATableByItsName) {
  const CaptureIdentity identity = of_two_tables();
  EXPECT_EQ(identity.find({"public", "block_run"})->oid, Oid{16413});
  EXPECT_EQ(identity.find({"private", "block_run"}), nullptr);
  EXPECT_EQ(table_list(identity), "public.pipeline_run,public.block_run");
}

TEST(CaptureIdentity, OfANewerWalpulseIsRefusedAndSaysSo) {
  const char* newer = R"({"walpulse":3,"name":"mage","tables":{}})";
  EXPECT_TRUE(is_of_newer_version(newer));
  const auto read = parse_comment(newer);
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().kind, ErrorKind::malformed);
  EXPECT_EQ(
      read.error().message,
      "the publication's comment is of a newer walpulse (version 3), and this one cannot read "
      "it");
  EXPECT_EQ(read.error().remedy, "update walpulse-connector");
  for (const char* other : {"", "made by hand", R"({"walpulse":"3"})", kVersionTwo}) {
    EXPECT_FALSE(is_of_newer_version(other)) << other;
  }
}

std::string two_with(const std::string& tables) {
  return R"({"walpulse":2,"name":"x","epoch":1,"system_identifier":"1","publication_xmin":1,)"
         R"("tables":)" +
         tables + "}";
}

TEST(CaptureIdentity, RefusesCommentsOfOthers) {
  const std::string good = to_comment(example());
  EXPECT_TRUE(parse_comment(good).has_value());
  for (
      const std::string& comment : std::initializer_list<std::string>{
          "",
          "made by hand",
          "[]",
          "{}",
          R"({"walpulse":2,"name":"x"})",
          R"({"walpulse":1,"name":"x","epoch":1})",
          R"({"walpulse":0,"name":"x","epoch":1})",
          two_with("[]"),
          two_with("{}"),
          two_with("[5]"),
          two_with(R"([{"oid":1,"publication_relation":1,"schema":"s"}])"),
          two_with(R"([{"oid":1,"publication_relation":1,"name":"t"}])"),
          two_with(R"([{"oid":1,"schema":"s","name":"t"}])"),
          two_with(R"([{"publication_relation":1,"schema":"s","name":"t"}])"),
          two_with(R"([{"oid":1,"publication_relation":1,"schema":"s","name":"t"},)"
                   R"({"oid":1,"publication_relation":2,"schema":"s","name":"u"}])"),
          two_with(R"([{"oid":1,"publication_relation":1,"schema":"s","name":"t"},)"
                   R"({"oid":2,"publication_relation":2,"schema":"s","name":"t"}])"),
          R"({"walpulse":1,"name":"","epoch":1,"system_identifier":"1","table":1,)"
          R"("publication_relation":1,"publication_xmin":1})",
          R"({"walpulse":1,"name":"x","epoch":0,"system_identifier":"1","table":1,)"
          R"("publication_relation":1,"publication_xmin":1})",
          R"({"walpulse":1,"name":"x","epoch":1,"system_identifier":"99999999999999999999",)"
          R"("table":1,"publication_relation":1,"publication_xmin":1,"schema":"s","table_name":"t"})",
          R"({"walpulse":1,"name":"x","epoch":1,"system_identifier":"1","table":1,)"
          R"("publication_relation":1,"publication_xmin":1,"schema":"s"})",
          R"({"walpulse":1,"name":"x","epoch":1,"system_identifier":"1","table":1,)"
          R"("publication_relation":1,"publication_xmin":1,"schema":"","table_name":"t"})",
          good.substr(0, good.size() - 1) + R"(,"follows":5})",
          good.substr(0, good.size() - 1) + R"(,"follows":["1"]})",
          R"({"walpulse":1,"name":"x","epoch":1,"system_identifier":"1","table":4294967296,)"
          R"("publication_relation":1,"publication_xmin":1})"}) {
    const auto read = parse_comment(comment);
    ASSERT_FALSE(read.has_value()) << comment;
    EXPECT_EQ(read.error().kind, ErrorKind::malformed);
  }
}

TEST(CaptureIdentity, OfAnUnfinishedRecoverNamesNoSystemAndTheWayOn) {
  CaptureIdentity identity{
      "mage", 1763600000, 0, Xid{}, {{{"public", "pipeline_run"}, Oid{}, Oid{}}}};
  const auto again = parse_comment(to_comment(identity));
  ASSERT_TRUE(again.has_value()) << again.error().message;
  EXPECT_TRUE(again->provisional());
  EXPECT_NE(other_system(*again).find("recover did not get to its end"), std::string::npos);
  identity.system_identifier = 77;
  EXPECT_FALSE(identity.provisional());
  EXPECT_NE(other_system(identity).find("another system (77)"), std::string::npos);
}

TEST(CaptureIdentity, GrowsByFurtherTablesAndByNothingElse) {
  const CapturedTable runs{{"public", "pipeline_run"}, Oid{1}, Oid{11}};
  const CapturedTable blocks{{"public", "block_run"}, Oid{2}, Oid{12}};
  const CaptureIdentity before{"mage", 7, 77, Xid{5}, {runs}};
  const CaptureIdentity after{"mage", 7, 77, Xid{5}, {runs, blocks}};
  EXPECT_TRUE(grew(before, after));
  EXPECT_FALSE(grew(before, before));
  EXPECT_FALSE(grew(after, before)) << "a table less is a gap";
  const CaptureIdentity other_order{"mage", 7, 77, Xid{5}, {blocks, runs}};
  const CaptureIdentity next_epoch{"mage", 8, 77, Xid{5}, {runs, blocks}};
  EXPECT_FALSE(grew(before, other_order));
  EXPECT_FALSE(grew(before, next_epoch));
}

}  // namespace
}  // namespace walpulse::connector
