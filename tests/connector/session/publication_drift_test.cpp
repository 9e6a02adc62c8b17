#include "connector/session/publication_drift.h"

#include <gtest/gtest.h>

#include <functional>

namespace walpulse::connector {
namespace {

const CaptureIdentity kIdentity{
    "mage", 7, 77, Xid{771}, {{{"public", "pipeline_run"}, Oid{16412}, Oid{16500}}}};

PublicationCheck as_set_up() {
  PublicationFacts publication;
  publication.xmin = Xid{771};
  publication.inserts = publication.updates = publication.deletes = publication.truncates = true;
  publication.comment = to_comment(kIdentity);
  const TableCheck table{TableName{"public", "pipeline_run"}, std::nullopt, Oid{16500},
                         std::nullopt};
  return {{table}, publication, Lsn{900}};
}

TEST(PublicationDrift, APublicationAsItWasSetUpIsNone) {
  EXPECT_FALSE(publication_drift(kIdentity, as_set_up()));
}

TEST(PublicationDrift, S20EveryWayOfLosingRowsIsOneAndSaysHow) {
  struct Loss {
    const char* words;
    std::function<void(PublicationCheck&)> happens;
  };
  const Loss losses[] = {
      {"the publication was dropped", [](auto& c) { c.publication.reset(); }},
      {"dropped and made anew", [](auto& c) { c.publication->comment.reset(); }},
      {"dropped and made anew", [](auto& c) { c.publication->comment = "made by hand"; }},
      {"\"public\".\"pipeline_run\" was dropped", [](auto& c) { c.tables[0].called.reset(); }},
      {"was made anew (oid 20000 instead of 16412)",
       [](auto& c) {
         c.tables[0].called.reset();
         c.tables[0].namesake = Oid{20000};
       }},
      {"was made anew (oid 20000 instead of 16412, which is \"old\".\"pr\" now)",
       [](auto& c) {
         c.tables[0].called = TableName{"old", "pr"};
         c.tables[0].namesake = Oid{20000};
       }},
      {"is no longer in the publication", [](auto& c) { c.tables[0].relation.reset(); }},
      {"left the publication and was added again",
       [](auto& c) { c.tables[0].relation = Oid{20001}; }},
      {"no longer publishes every operation", [](auto& c) { c.publication->deletes = false; }},
      {"no longer publishes every operation", [](auto& c) { c.publication->truncates = false; }},
      {"filters rows of the table \"public\".\"pipeline_run\"",
       [](auto& c) { c.tables[0].row_filter = "(id > 3)"; }},
      {"the publication was altered", [](auto& c) { c.publication->xmin = Xid{772}; }},
  };
  for (const auto& loss : losses) {
    auto check = as_set_up();
    loss.happens(check);
    const auto found = publication_drift(kIdentity, check);
    ASSERT_TRUE(found) << loss.words;
    EXPECT_NE(found->what.find(loss.words), std::string::npos) << found->what;
    EXPECT_EQ(found->wal_end, Lsn{900});
  }
}

TEST(PublicationDrift, S20OfSeveralTablesItNamesTheOne) {
  CaptureIdentity identity = kIdentity;
  identity.tables.push_back({{"public", "block_run"}, Oid{16413}, Oid{16501}});
  const auto found = [&](const std::function<void(TableCheck&)>& happens) {
    auto check = as_set_up();
    check.tables.push_back(
        {TableName{"public", "block_run"}, std::nullopt, Oid{16501}, std::nullopt});
    check.publication->comment = to_comment(identity);
    happens(check.tables[1]);
    const auto drift = publication_drift(identity, check);
    return drift ? drift->what.substr(0, drift->what.find(';')) : "";
  };
  const std::string table = "the table \"public\".\"block_run\"";
  EXPECT_EQ(found([](auto&) {}), "");
  EXPECT_EQ(found([](auto& t) { t.called.reset(); }), table + " was dropped");
  EXPECT_EQ(
      found([](auto& t) { t.namesake = Oid{7}; }),
      table + " was made anew (oid 7 instead of 16413, which is \"public\".\"block_run\" now)");
  EXPECT_EQ(found([](auto& t) { t.relation.reset(); }), table + " is no longer in the publication");
  EXPECT_EQ(found([](auto& t) { t.relation = Oid{7}; }),
            table + " left the publication and was added again");
  EXPECT_EQ(found([](auto& t) { t.row_filter = "(id > 3)"; }),
            "the publication filters rows of " + table);
}

TEST(PublicationDrift, S19ColumnsAndOtherTablesAreNone) {
  auto check = as_set_up();
  check.publication->column_list = {"id", "status"};
  check.publication->other_relations = 3;
  EXPECT_FALSE(publication_drift(kIdentity, check));
}

TEST(PublicationDrift, ATableThatOnlyHasAnotherNameIsNone) {
  for (const auto& name : {TableName{"public", "pr2"}, TableName{"archive", "pipeline_run"},
                           TableName{"archive", "pr2"}}) {
    auto check = as_set_up();
    check.tables[0].called = name;
    EXPECT_FALSE(publication_drift(kIdentity, check)) << name.name;
  }
}

TEST(PublicationDrift, ANewOwnerIsNoneWhereThePublicationWasWatched) {
  auto check = as_set_up();
  check.publication->xmin = check.publication->owner_xmin.emplace(Xid{900});
  EXPECT_FALSE(drift_while_watched(kIdentity, check));
  check.publication->owner_xmin = Xid{899};
  EXPECT_TRUE(drift_while_watched(kIdentity, check)) << "altered behind the owner's back";
}

TEST(PublicationDrift, ANewOwnerWhomNoRowKeepsIsToldByTheIdentity) {
  auto identity = kIdentity;
  auto check = as_set_up();
  check.publication->xmin = Xid{900};
  check.publication->owner_oid = Oid{10};
  EXPECT_TRUE(drift_while_watched(identity, check)) << "the identity does not know the owner";
  identity.publication_owner = Oid{16385};
  EXPECT_FALSE(drift_while_watched(identity, check));
  identity.publication_owner = Oid{10};
  EXPECT_TRUE(drift_while_watched(identity, check));
}

TEST(PublicationDrift, BehindANewOwnerThatNobodyWatchedThePublicationMayHaveBeenOffAndOn) {
  for (const Oid owner : {Oid{10}, Oid{16400}}) {
    auto identity = kIdentity;
    identity.publication_owner = Oid{16385};
    auto check = as_set_up();
    check.publication->xmin = Xid{900};
    check.publication->owner_oid = owner;
    if (owner != Oid{10}) check.publication->owner_xmin = Xid{900};
    const auto found = publication_drift(identity, check);
    ASSERT_TRUE(found) << owner.value;
    EXPECT_NE(found->what.find("has another owner"), std::string::npos) << found->what;
    EXPECT_NE(found->what.find("from then on changes may be missing"), std::string::npos);
  }
}

TEST(PublicationDrift, WhatIsAlteredAfterANewOwnerIsOne) {
  auto identity = kIdentity;
  identity.publication_owner = Oid{16385};
  auto check = as_set_up();
  check.publication->xmin = Xid{900};
  check.publication->owner_oid = Oid{10};
  ASSERT_FALSE(drift_while_watched(identity, check));
  const auto seen = as_seen(identity, check);
  EXPECT_FALSE(drift_while_watched(seen, check));
  EXPECT_FALSE(publication_drift(seen, check)) << "as it was when it was watched last";
  check.publication->xmin = Xid{901};
  EXPECT_TRUE(drift_while_watched(seen, check));
  EXPECT_TRUE(publication_drift(seen, check));
}

TEST(HeldTo, WhatWasWatchedUnderTheSameCommentOnly) {
  auto seen = kIdentity;
  seen.publication_xmin = Xid{900};
  EXPECT_EQ(held_to(kIdentity, std::nullopt), kIdentity);
  EXPECT_EQ(held_to(kIdentity, Watched{kIdentity, seen}), seen);
  auto vouched = kIdentity;
  vouched.publication_xmin = Xid{901};
  EXPECT_EQ(held_to(vouched, Watched{kIdentity, seen}), vouched);
}

TEST(Renewed, OnlyAnotherIdentityOfOursIs) {
  auto check = as_set_up();
  EXPECT_FALSE(renewed(kIdentity, check));
  auto later = kIdentity;
  later.epoch = 8;
  check.publication->comment = to_comment(later);
  EXPECT_TRUE(renewed(kIdentity, check));
  later = kIdentity;
  later.tables.push_back({{"public", "block_run"}, Oid{16413}, Oid{16501}});
  check.publication->comment = to_comment(later);
  EXPECT_TRUE(renewed(kIdentity, check)) << "another table was added";
  check.publication->comment = R"({"walpulse":3})";
  EXPECT_TRUE(renewed(kIdentity, check)) << "by a newer walpulse";
  check.publication->comment = "made by hand";
  EXPECT_FALSE(renewed(kIdentity, check));
  check.publication.reset();
  EXPECT_FALSE(renewed(kIdentity, check));
}

TEST(GapDrain, EndsWhenEverythingUpToItsEndWasSent) {
  GapDrain stretch;
  stretch.sent_up_to(Lsn{1000});
  EXPECT_FALSE(stretch.complete()) << "nothing drifted";
  GapDrain behind;
  behind.begin({"altered", Lsn{300}});
  behind.transaction_began(Lsn{200});
  behind.sent_up_to(Lsn{400});
  EXPECT_FALSE(behind.complete()) << "the rest of the transaction is still to come";
  behind.committed(Lsn{210});
  EXPECT_FALSE(behind.complete());
  behind.sent_up_to(Lsn{400});
  EXPECT_TRUE(behind.complete());
}

TEST(GapDrain, ATransactionThatCommitsBeyondItEndsIt) {
  GapDrain stretch;
  stretch.begin({"altered", Lsn{300}});
  stretch.transaction_began(Lsn{299});
  EXPECT_FALSE(stretch.complete());
  stretch.committed(Lsn{300});
  EXPECT_TRUE(stretch.complete());
  GapDrain beyond;
  beyond.transaction_began(Lsn{500});
  beyond.begin({"altered", Lsn{300}});
  EXPECT_TRUE(beyond.complete());
}

TEST(GapDrain, TheDriftThatEndsFirstStands) {
  GapDrain stretch;
  stretch.begin({"first", Lsn{300}});
  stretch.begin({"second", Lsn{900}});
  EXPECT_EQ(stretch.publication_drift().what, "first");
  stretch.begin({"third", Lsn{200}});
  EXPECT_EQ(stretch.publication_drift().what, "third");
}

TEST(GapDrain, EndsBeforeTheTransactionAtHand) {
  GapDrain stretch;
  stretch.begin({"seen from afar", Lsn{900}});
  stretch.transaction_began(Lsn{500});
  EXPECT_FALSE(stretch.complete());
  stretch.begin(replaced_at(stretch.commit(), Oid{20000}, {"public", "pipeline_run"}));
  EXPECT_TRUE(stretch.complete());
  EXPECT_NE(stretch.publication_drift().what.find("another table (oid 20000) bears the captured "
                                                  "one's name, \"public\".\"pipeline_run\""),
            std::string::npos)
      << stretch.publication_drift().what;
}

}  // namespace
}  // namespace walpulse::connector
