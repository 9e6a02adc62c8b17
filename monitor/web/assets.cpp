#include "monitor/web/assets.h"

#include <algorithm>
#include <array>
#include <string>

#include "monitor/web/asset_table.h"

namespace walpulse::monitor {
namespace {

/// A name follows these: the server has decoded it, so it may hold slashes.
constexpr std::array<std::string_view, 2> kViewsOfOne = {"/pipelines/", "/runs/"};
constexpr std::array<std::string_view, 4> kViews = {"/", "/pipelines", "/pipe", "/docs"};

bool is_view(std::string_view path) {
  if (std::find(kViews.begin(), kViews.end(), path) != kViews.end()) return true;
  return std::any_of(kViewsOfOne.begin(), kViewsOfOne.end(), [path](std::string_view each) {
    return path.size() > each.size() && path.starts_with(each);
  });
}

const Asset* at_path(std::string_view path) {
  const auto all = asset_table();
  const auto found = std::lower_bound(
      all.begin(), all.end(), path,
      [](const Asset& asset, std::string_view wanted) { return asset.path < wanted; });
  return found != all.end() && found->path == path ? &*found : nullptr;
}

}  // namespace

const Asset* find_asset(std::string_view path) { return at_path(is_view(path) ? "/" : path); }

http::ServerResponse asset_response(const Asset& asset) {
  // The path of everything but the HTML holds a digest of what is there.
  const char* kept =
      asset.path == "/" ? "private, no-cache" : "private, max-age=31536000, immutable";
  return {.status = 200,
          .content_type = std::string(asset.content_type),
          .body = std::string(asset.text),
          .etag = std::string(asset.etag),
          .headers = {{"Cache-Control", kept},
                      {"Content-Security-Policy",
                       "default-src 'none'; script-src 'self'; style-src 'self'; "
                       "img-src 'self' data:; connect-src 'self'; frame-ancestors 'none'; "
                       "base-uri 'none'; form-action 'none'"},
                      {"Cross-Origin-Opener-Policy", "same-origin"},
                      {"Cross-Origin-Resource-Policy", "same-origin"},
                      {"Permissions-Policy", "camera=(), geolocation=(), microphone=()"},
                      // Names of pipelines stand in the address: no other site is told it.
                      {"Referrer-Policy", "same-origin"},
                      {"X-Content-Type-Options", "nosniff"},
                      {"X-Frame-Options", "DENY"}}};
}

}  // namespace walpulse::monitor
