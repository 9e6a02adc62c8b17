#include "publisher/http/compression.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "publisher/http/reply.h"
#include "tests/publisher/http/gunzip.h"

namespace walpulse::http {
namespace {

using testing::Contains;
using testing::IsEmpty;
using testing::Not;
using testing::Pair;

std::string text_of(std::size_t bytes) {
  std::string text;
  for (int i = 0; text.size() < bytes; ++i) {
    text += "walpulse_pipeline_run_active{pipeline=\"p" + std::to_string(i) + "\"} 1\n";
  }
  text.resize(bytes);
  return text;
}

TEST(AcceptEncoding, AllowsGzipWhereItSaysSo) {
  for (const char* text : {"gzip", "GZIP", "x-gzip", "gzip, deflate, br", "br;q=1.0 , gzip;q=0.8",
                           "deflate,gzip;q=0.001", "*", "br, *;q=0.1", "gzip;q=1.000", "gzip ; Q=1",
                           "gzip;q=0.5, identity;q=0.5", "identity;q=0, gzip;q=0.1",
                           "identity;q=0, *", "gzip;q=1, *;q=0", "gzip;level=9", ",,gzip,,"}) {
    EXPECT_TRUE(accepts_gzip(text)) << text;
  }
}

TEST(AcceptEncoding, RefusesGzipElse) {
  for (const char* text : {"",
                           " ",
                           "identity",
                           "deflate, br",
                           "gzip;q=0",
                           "gzip;q=0.0",
                           "gzip;q=0.000",
                           "*;q=0",
                           "gzip;q=0, *",
                           "identity;q=0",
                           "identity, gzip;q=0.5",
                           "gzip;q=0.5, *",
                           "gzipped",
                           "gzi",
                           "gzip;q=",
                           "gzip;q=x",
                           "gzip;q=2",
                           "gzip;q=1.001",
                           "gzip;q=0.0001",
                           "gzip;q=-1",
                           "gzip;q=1x",
                           "gzip;q=0.5.",
                           "\"gzip\""}) {
    EXPECT_FALSE(accepts_gzip(text)) << text;
  }
}

TEST(Compression, IsForTextOfSomeLength) {
  for (const char* type :
       {"text/plain", "text/plain; version=0.0.4; charset=utf-8", "TEXT/HTML", "application/json",
        "application/problem+json; charset=utf-8", "image/svg+xml", "text/javascript"}) {
    EXPECT_TRUE(is_compressible(type, kGzipBytesMin)) << type;
    EXPECT_FALSE(is_compressible(type, kGzipBytesMin - 1)) << type;
    EXPECT_FALSE(is_compressible(type, kGzipBytesMax + 1)) << type;
  }
  for (const char* type : {"", "image/png", "application/octet-stream", "font/woff2", "json",
                           "application/gzip", ";text/plain"}) {
    EXPECT_FALSE(is_compressible(type, 1 << 20)) << type;
  }
}

TEST(Compression, GivesTheSameTextBack) {
  for (const std::size_t bytes : {kGzipBytesMin, std::size_t{100'000}, std::size_t{3} << 20}) {
    const std::string text = text_of(bytes);
    const auto compressed = gzip(text);
    ASSERT_TRUE(compressed);
    EXPECT_LT(compressed->size(), bytes / 3);
    EXPECT_EQ(gunzip(*compressed), text);
  }
}

TEST(Compression, LeavesWhatDoesNotShrink) {
  std::mt19937 random(1);
  std::string noise(100'000, '\0');
  for (char& byte : noise) byte = static_cast<char>(random());
  EXPECT_FALSE(gzip(noise));
  EXPECT_FALSE(gzip(""));
}

TEST(GzipOnce, CompressesTheFirstTimeAlone) {
  GzipOnce once;
  const std::string text = text_of(5000);
  const auto first = once.of(text);
  ASSERT_TRUE(first);
  EXPECT_EQ(gunzip(*first), text);
  EXPECT_EQ(once.of(text_of(9000)), first) << "it was made again";
}

TEST(GzipOnce, KnowsThatATextDoesNotShrink) {
  GzipOnce once;
  EXPECT_FALSE(once.of("x"));
  EXPECT_FALSE(once.of("x"));
}

TEST(GzipOnce, ServesThreadsThatComeAtOnce) {
  GzipOnce once;
  const std::string text = text_of(100'000);
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i)
    threads.emplace_back([&] { EXPECT_EQ(gunzip(once.of(text).value_or(""), 1 << 20), text); });
  for (std::thread& thread : threads) thread.join();
}

TEST(FinishedReply, TakesWhatItsCopiesHaveCompressed) {
  ServerResponse response = text_response(200, text_of(5000));
  response.gzipped = std::make_shared<GzipOnce>();
  const ServerResponse one = finished(response, {"", "gzip"});
  const ServerResponse other = finished(response, {"", "gzip"});
  EXPECT_EQ(gunzip(one.body), response.body);
  EXPECT_EQ(other.body, one.body);
  EXPECT_EQ(finished(response, {}).body, response.body) << "who takes no gzip gets none";
}

TEST(FinishedReply, IsCompressedAndSaysSo) {
  const std::string text = text_of(10'000);
  ServerResponse plain{200, "text/plain", text};
  plain.etag = "\"a\"";
  const auto response = finished(plain, {"", "gzip"});
  EXPECT_EQ(gunzip(response.body), text);
  EXPECT_THAT(response.headers, Contains(Pair("Content-Encoding", "gzip")));
  EXPECT_THAT(response.headers, Contains(Pair("Vary", "Accept-Encoding")));
  EXPECT_EQ(response.etag, "W/\"a\"");
}

TEST(FinishedReply, VariesAlsoWhereItIsPlain) {
  ServerResponse plain{200, "text/plain", text_of(10'000)};
  plain.etag = "\"a\"";
  const auto response = finished(plain, {"", "gzip;q=0"});
  EXPECT_EQ(response.body, plain.body);
  EXPECT_THAT(response.headers, Contains(Pair("Vary", "Accept-Encoding")));
  EXPECT_THAT(response.headers, Not(Contains(Pair("Content-Encoding", "gzip"))));
  EXPECT_EQ(response.etag, "\"a\"");
}

TEST(FinishedReply, IsNotModifiedForBothFormsOfATag) {
  ServerResponse plain{200, "text/plain", text_of(10'000)};
  plain.etag = "\"a\"";
  for (const char* had : {"\"a\"", "W/\"a\""}) {
    const auto response = finished(plain, {had, "gzip"});
    EXPECT_EQ(response.status, 304);
    EXPECT_LT(response.body.size(), 1000U) << "its length is sent, which is that of the other";
    EXPECT_EQ(response.etag, "W/\"a\"") << "as the whole answer would say";
    EXPECT_THAT(response.headers, testing::ElementsAre(Pair("Vary", "Accept-Encoding")));
  }
}

TEST(FinishedReply, IsLeftAloneWhereItIsShortEncodedOrNoText) {
  const std::string text = text_of(10'000);
  EXPECT_THAT(finished({200, "text/plain", "short"}, {"", "gzip"}).headers, IsEmpty());
  EXPECT_EQ(finished({200, "image/png", text}, {"", "gzip"}).body, text);
  ServerResponse encoded{200, "text/plain", text};
  encoded.headers = {{"content-encoding", "br"}};
  EXPECT_EQ(finished(encoded, {"", "gzip"}).body, text);
}

}  // namespace
}  // namespace walpulse::http
