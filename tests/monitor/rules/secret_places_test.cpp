#include "monitor/rules/secret_places.h"

#include <gtest/gtest.h>

namespace walpulse::rules {
namespace {

TEST(Secrets, TravelOverTlsOrStayOnThisMachine) {
  for (const char* url :
       {"https://a.example.com/x", "http://localhost", "http://localhost:8080/x?y",
        "http://127.0.0.1/x", "http://127.1.2.3:80", "http://[::1]:8080/x"})
    EXPECT_TRUE(keeps_secrets(url)) << url;
  for (const char* url :
       {"http://a.example.com/x", "http://127.0.0.1.example.com", "http://127.0.0.1@a.example.com/",
        "http://localhost:1@a.example.com/", "http://localhost.example.com",
        "http://[::1]a.example.com", "http://localhost\\@a.example.com", "http://",
        "ftp://localhost", "", "http://127.0.0.1:80@a.example.com/"})
    EXPECT_EQ(keeps_secrets(url).error().kind, ErrorKind::rejected) << url;
}

}  // namespace
}  // namespace walpulse::rules
