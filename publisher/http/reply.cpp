#include "publisher/http/reply.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "decoder/base/logging.h"
#include "publisher/http/compression.h"
#include "publisher/http/conditional.h"
#include "publisher/http/header_field.h"

namespace walpulse::http {
namespace {

/// What the server says itself; a handler that said it too would say it twice.
constexpr std::array<std::string_view, 5> kServersFields = {"Content-Length", "Transfer-Encoding",
                                                            "Connection", "Content-Type", "ETag"};
/// What tells of a body, and is left out where 304 leaves out the body (RFC 9110, section 15.4.5).
constexpr std::array<std::string_view, 3> kBodysFields = {"Content-Encoding", "Content-Language",
                                                          "Last-Modified"};

template <std::size_t count>
bool among(const std::array<std::string_view, count>& names, std::string_view name) {
  return std::any_of(names.begin(), names.end(),
                     [name](auto each) { return equal_ignoring_case(each, name); });
}

/// What an answer says in its header must not be able to end it.
bool may_be_sent(const ServerResponse& response) {
  const bool fields =
      std::all_of(response.headers.begin(), response.headers.end(), [](const auto& each) {
        return !among(kServersFields, each.first) && is_sendable_field(each.first, each.second);
      });
  return fields && is_sendable_field("Content-Type", response.content_type) &&
         (response.etag.empty() || is_entity_tag(response.etag));
}

bool is_encoded(const ServerResponse& response) {
  return std::any_of(response.headers.begin(), response.headers.end(), [](const auto& each) {
    return equal_ignoring_case(each.first, "Content-Encoding");
  });
}

std::optional<std::string> compressed_body(const ServerResponse& response) {
  return response.gzipped ? response.gzipped->of(response.body) : gzip(response.body);
}

}  // namespace

ServerResponse finished(ServerResponse response, const Preferences& wanted) {
  if (!may_be_sent(response)) {
    SPDLOG_ERROR("an answer was replaced by 500: its header holds what may not be sent");
    return {500, "text/plain; charset=utf-8", "internal error\n"};
  }
  const bool may_vary =
      is_compressible(response.content_type, response.body.size()) && !is_encoded(response);
  const bool compresses = may_vary && accepts_gzip(wanted.accept_encoding);
  if (may_vary) response.headers.emplace_back("Vary", "Accept-Encoding");
  if (compresses && response.etag.starts_with('"')) response.etag.insert(0, "W/");
  if (auto compressed = compresses ? compressed_body(response) : std::nullopt) {
    response.body = std::move(*compressed);
    response.headers.emplace_back("Content-Encoding", "gzip");
  }
  if (response.status == 200 && names_entity(wanted.if_none_match, response.etag)) {
    response.status = 304;
    std::erase_if(response.headers,
                  [](const auto& each) { return among(kBodysFields, each.first); });
  }
  return response;
}

}  // namespace walpulse::http
