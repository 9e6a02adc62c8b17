#include "publisher/mail/mime.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace walpulse::mail {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

Mail sample() {
  return {
      "walpulse@example.com",
      {"ana@example.com", "bo@example.com"},
      "daily_sales failed",
      "line one\nline two\n",
      "problems-12",
      Timestamp(std::chrono::sys_days(std::chrono::year(2026) / 11 / 28) + std::chrono::hours(10))};
}

TEST(Mime, IsAMailAsOthersReadIt) {
  EXPECT_EQ(mime_text(sample()),
            "Date: Sat, 28 Nov 2026 10:00:00 +0000\r\n"
            "From: walpulse <walpulse@example.com>\r\n"
            "To: ana@example.com,\r\n bo@example.com\r\n"
            "Subject: daily_sales failed\r\n"
            "Message-ID: <problems-12@example.com>\r\n"
            "Auto-Submitted: auto-generated\r\n"
            "MIME-Version: 1.0\r\n"
            "Content-Type: text/plain; charset=utf-8\r\n"
            "Content-Transfer-Encoding: base64\r\n\r\n"
            "bGluZSBvbmUNCmxpbmUgdHdvDQo=\r\n");
}

TEST(Mime, ASubjectBeginsNoHeaderAndItsLinesAreShort) {
  Mail mail = sample();
  mail.subject = "caf\u00E9\r\nBcc: evil@example.com " + std::string(10'000, '\xff');
  mail.id = "a>\r\nBcc: evil";
  const std::string text = mime_text(mail);
  EXPECT_THAT(text, Not(HasSubstr("\r\nBcc")));
  EXPECT_THAT(text, HasSubstr("Subject: =?UTF-8?B?"));
  std::size_t from = 0;
  for (auto end = text.find("\r\n"); end != std::string::npos; end = text.find("\r\n", from)) {
    EXPECT_LE(end - from, 90u);
    from = end + 2;
  }
}

TEST(Mime, WhatLooksEncodedIsEncoded) {
  Mail mail = sample();
  mail.subject = "=?UTF-8?B?ZXZpbA==?=";
  EXPECT_THAT(mime_text(mail), Not(HasSubstr("ZXZpbA")));
}

TEST(Mime, AnAddressIsOne) {
  EXPECT_TRUE(is_address("a@b"));
  EXPECT_TRUE(is_address("ana+walpulse@example.com"));
  for (const char* text : {"", "a", "@b", "a@", "a@b@c", "a b@c", "a@b\r\nRCPT TO:<x@y>", "<a@b>",
                           "a@b,c@d", "caf\u00E9@b"})
    EXPECT_FALSE(is_address(text)) << text;
  EXPECT_FALSE(is_address(std::string(300, 'a') + "@b"));
}

}  // namespace
}  // namespace walpulse::mail
