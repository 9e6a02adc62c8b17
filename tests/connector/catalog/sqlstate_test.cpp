#include "connector/catalog/sqlstate.h"

#include <gtest/gtest.h>

namespace walpulse::connector {
namespace {

TEST(Sqlstate, AConnectionAFullServerAndAShutdownPass) {
  for (const char* state : {"08006", "08P01", "53300", "57P01", "57P02", "57P03", "57P05"}) {
    EXPECT_EQ(kind_of_sqlstate(state), ErrorKind::unavailable) << state;
  }
}

TEST(Sqlstate, WhatEndsAnIdleOrLongSessionPassesAndSoDoesTheServersDisk) {
  for (const char* state : {"25P03", "25P04", "57P05", "58P01", "58030", "58000"}) {
    EXPECT_TRUE(passes(state)) << state;
    EXPECT_EQ(kind_of_sqlstate(state), ErrorKind::unavailable) << state;
  }
  for (const char* state : {"25P02", "25006", "42704", "55000", "XX001", "5", ""}) {
    EXPECT_FALSE(passes(state)) << state;
  }
}

TEST(Sqlstate, AStatementTimeoutIsNoLostServer) {
  EXPECT_EQ(kind_of_sqlstate("57014"), ErrorKind::timed_out);
}

TEST(Sqlstate, WhateverElseIsARefusal) {
  for (const char* state : {"42501", "42704", "55000", "22023", ""}) {
    EXPECT_EQ(kind_of_sqlstate(state), ErrorKind::rejected) << state;
  }
}

}  // namespace
}  // namespace walpulse::connector
