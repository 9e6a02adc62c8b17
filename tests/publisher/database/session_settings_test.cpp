#include "publisher/database/session_settings.h"

#include <gtest/gtest.h>

namespace walpulse::database {
namespace {

using namespace std::chrono_literals;

bool sets(const std::string& sql, const std::string& setting) {
  return sql.find("SET " + setting) != std::string::npos;
}

TEST(SessionSettings, TimeoutsComeFirstAndAreLifted) {
  const std::string sql = session_sql(180000);
  EXPECT_EQ(sql.find("SET statement_timeout = 0; SET transaction_timeout = 0; "
                     "SET idle_session_timeout = 0; SET lock_timeout = 0; "),
            0u);
  EXPECT_TRUE(sets(sql, "idle_in_transaction_session_timeout = 0"));
}

TEST(SessionSettings, WhatAVersionDoesNotKnowIsLeftOut) {
  EXPECT_FALSE(sets(session_sql(130000), "idle_session_timeout"));
  EXPECT_TRUE(sets(session_sql(140000), "idle_session_timeout"));
  EXPECT_FALSE(sets(session_sql(169999), "transaction_timeout"));
  EXPECT_TRUE(sets(session_sql(170000), "transaction_timeout"));
}

TEST(SessionSettings, NoNameIsLookedForBeforePgCatalog) {
  EXPECT_TRUE(sets(session_sql(150000), "search_path = pg_catalog, pg_temp;"));
  EXPECT_TRUE(sets(session_sql(150000, {.schema = "my \"ledger\""}),
                   "search_path = \"my \"\"ledger\"\"\", pg_temp;"));
}

/// Each of them changes how a value is written, what a name means or which rows are seen.
constexpr const char* kPinned[] = {"search_path = pg_catalog, pg_temp",
                                   "client_min_messages = warning",
                                   "standard_conforming_strings = on",
                                   "quote_all_identifiers = off",
                                   "TimeZone = 'UTC'",
                                   "DateStyle = 'ISO, MDY'",
                                   "IntervalStyle = postgres",
                                   "extra_float_digits = 3",
                                   "bytea_output = hex",
                                   "lc_monetary = 'C'",
                                   "row_security = off",
                                   "default_transaction_isolation = 'read committed'",
                                   "default_transaction_deferrable = off",
                                   "exit_on_error = off"};

TEST(SessionSettings, EveryVersionAndEveryScriptPinsThemAll) {
  for (const int version : {130000, 150000, 180000}) {
    const std::string sql = session_sql(version) + ";";
    for (const char* pinned : kPinned) {
      EXPECT_TRUE(sets(sql, std::string(pinned) + ";")) << version << " " << pinned;
    }
  }
  for (const char* pinned : kPinned) {
    EXPECT_TRUE(sets(script_head(), std::string(pinned) + ";\n")) << pinned;
  }
}

TEST(SessionSettings, ASessionHasItsOwnLimitsAndEncoding) {
  const std::string sql = session_sql(150000, {.client_encoding = "SQL_ASCII",
                                               .schema = "",
                                               .statement_timeout = 15s,
                                               .lock_timeout = 10s,
                                               .idle_in_transaction_timeout = 7s});
  EXPECT_TRUE(sets(sql, "statement_timeout = 15000;"));
  EXPECT_TRUE(sets(sql, "lock_timeout = 10000;"));
  EXPECT_TRUE(sets(sql, "idle_in_transaction_session_timeout = 7000;"));
  EXPECT_TRUE(sets(sql, "client_encoding = 'SQL_ASCII'"));
}

TEST(ScriptHead, SetsTheSameWhateverTheServersVersion) {
  const std::string head = script_head();
  EXPECT_TRUE(sets(head, "search_path = pg_catalog, pg_temp;\n"));
  EXPECT_TRUE(sets(head, "lock_timeout = 0;\n"));
  EXPECT_FALSE(sets(head, "transaction_timeout")) << "13 would refuse it";
  EXPECT_NE(head.find("IN ('transaction_timeout', 'idle_session_timeout')\n\\gexec"),
            std::string::npos);
}

}  // namespace
}  // namespace walpulse::database
