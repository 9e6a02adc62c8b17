#include "monitor/web/assets.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "monitor/web/asset_table.h"
#include "publisher/http/compression.h"

namespace walpulse::monitor {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::IsNull;
using testing::Not;
using testing::NotNull;

std::string_view type_at(std::string_view path) {
  const Asset* asset = find_asset(path);
  return asset == nullptr ? std::string_view() : asset->content_type;
}

TEST(Assets, GiveTheSameHtmlToEveryView) {
  const Asset* const html = find_asset("/");
  ASSERT_THAT(html, NotNull());
  EXPECT_EQ(html->content_type, "text/html; charset=utf-8");
  for (const char* path : {"/pipelines", "/pipelines/mage-db:daily_sales", "/runs/mage-db:812",
                           "/pipe", "/docs", "/pipelines/mage-db:a/b"}) {
    EXPECT_EQ(find_asset(path), html) << path;
  }
}

TEST(Assets, GiveNothingElsewhere) {
  for (const char* path :
       {"", "/pipelines/", "/runs", "/runs/", "/index.html", "/api/v1/runs", "/assets/",
        "/assets/app.js", "/../etc/passwd", "pipe", "//", "/pipe/"}) {
    EXPECT_THAT(find_asset(path), IsNull()) << path;
  }
}

TEST(Assets, AreFoundByTheirPathsAndDiffer) {
  std::set<std::string_view> tags;
  std::map<std::string_view, int> types;
  for (const Asset& asset : asset_table()) {
    EXPECT_EQ(find_asset(asset.path), &asset);
    EXPECT_TRUE(tags.insert(asset.etag).second);
    EXPECT_FALSE(asset.text.empty());
    ++types[asset.content_type];
  }
  EXPECT_EQ(types["text/html; charset=utf-8"], 1);
  EXPECT_EQ(types["text/css; charset=utf-8"], 1);
  EXPECT_EQ(types["text/javascript; charset=utf-8"], 2) << "ours and uPlot";
  EXPECT_EQ(type_at("/pipe"), "text/html; charset=utf-8");
}

TEST(Assets, AreSmall) {
  std::size_t first_look = 0;
  for (const Asset& asset : asset_table()) {
    if (asset.path.find("uplot") == std::string_view::npos)
      first_look += http::gzip(asset.text).value_or(std::string(asset.text)).size();
  }
  EXPECT_LT(first_look, 60'000U);
}

TEST(Assets, LetNothingInFromElsewhere) {
  for (const Asset& asset : asset_table()) {
    const http::ServerResponse answer = asset_response(asset);
    std::map<std::string, std::string> headers(answer.headers.begin(), answer.headers.end());
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(headers["X-Content-Type-Options"], "nosniff");
    EXPECT_THAT(headers["Content-Security-Policy"],
                AllOf(HasSubstr("default-src 'none'"), HasSubstr("frame-ancestors 'none'"),
                      Not(HasSubstr("unsafe"))));
  }
}

TEST(Assets, AreKeptForEverWhereTheirPathsAreTheirDigests) {
  for (const Asset& asset : asset_table()) {
    const http::ServerResponse answer = asset_response(asset);
    std::map<std::string, std::string> headers(answer.headers.begin(), answer.headers.end());
    EXPECT_THAT(headers["Cache-Control"], HasSubstr(asset.path == "/" ? "no-cache" : "immutable"));
    EXPECT_THAT(headers["Cache-Control"], HasSubstr("private"));
  }
}

}  // namespace
}  // namespace walpulse::monitor
