#include "publisher/http/server_messages.h"

#include <strings.h>

#include <algorithm>
#include <charconv>
#include <string>
#include <system_error>
#include <utility>

namespace walpulse::http {
namespace {

std::string list_of(MHD_Connection* connection, const char* name) {
  std::string list;
  for (const std::string_view value : header_values(connection, name)) {
    if (!list.empty()) list += ", ";
    list += value;
  }
  return list;
}

bool says_chunked(std::string_view encoding) {
  constexpr std::string_view kChunked = "chunked";
  return std::ranges::equal(encoding, kChunked, [](char a, char b) { return (a | 0x20) == b; });
}

std::uint64_t length_of(std::string_view text) {
  std::uint64_t bytes = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), bytes);
  return read.ec == std::errc::result_out_of_range ? UINT64_MAX : bytes;
}

}  // namespace

std::string_view header(MHD_Connection* connection, const char* name) {
  const char* value = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, name);
  return value == nullptr ? std::string_view() : std::string_view(value);
}

std::vector<std::string_view> header_values(MHD_Connection* connection, const char* name) {
  struct Search {
    const char* name;
    std::vector<std::string_view> found;
  } search{name, {}};
  MHD_get_connection_values(
      connection, MHD_HEADER_KIND,
      [](void* closure, MHD_ValueKind, const char* key, const char* value) {
        auto& wanted = *static_cast<Search*>(closure);
        if (::strcasecmp(key, wanted.name) == 0) wanted.found.emplace_back(value ? value : "");
        return MHD_YES;
      },
      &search);
  return std::move(search.found);
}

BodyFraming body_framing(MHD_Connection* connection) {
  const auto lengths = header_values(connection, MHD_HTTP_HEADER_CONTENT_LENGTH);
  const auto encodings = header_values(connection, MHD_HTTP_HEADER_TRANSFER_ENCODING);
  BodyFraming body;
  if (!lengths.empty() && !encodings.empty()) {
    body.problem = "the body has a length and chunks";
  } else if (lengths.size() > 1) {
    body.problem = "the body has two lengths";
  } else if (encodings.size() > 1 || (!encodings.empty() && !says_chunked(encodings.front()))) {
    body.problem = "the body's encoding is not chunked";
  }
  if (!lengths.empty()) body.bytes = length_of(lengths.front());
  body.is_chunked = !encodings.empty();
  body.awaits_word = !header(connection, MHD_HTTP_HEADER_EXPECT).empty();
  return body;
}

Preferences preferences_of(MHD_Connection* connection, std::string_view method) {
  if (method != "GET" && method != "HEAD") return {};
  return {list_of(connection, MHD_HTTP_HEADER_IF_NONE_MATCH),
          list_of(connection, MHD_HTTP_HEADER_ACCEPT_ENCODING)};
}

MHD_Result send(MHD_Connection* connection, const ServerResponse& response, bool close) {
  // MHD copies the buffer, whatever its C signature says about const.
  MHD_Response* out = MHD_create_response_from_buffer(
      response.body.size(), const_cast<char*>(response.body.data()), MHD_RESPMEM_MUST_COPY);
  if (out == nullptr) return MHD_NO;
  if (!response.body.empty() && response.status != MHD_HTTP_NOT_MODIFIED) {
    MHD_add_response_header(out, MHD_HTTP_HEADER_CONTENT_TYPE, response.content_type.c_str());
  }
  if (!response.etag.empty()) {
    MHD_add_response_header(out, MHD_HTTP_HEADER_ETAG, response.etag.c_str());
  }
  for (const auto& [name, value] : response.headers) {
    MHD_add_response_header(out, name.c_str(), value.c_str());
  }
  // RFC 9110, section 15.5.2.
  if (response.status == MHD_HTTP_UNAUTHORIZED) {
    MHD_add_response_header(out, MHD_HTTP_HEADER_WWW_AUTHENTICATE, "Bearer");
  }
  if (close) MHD_add_response_header(out, MHD_HTTP_HEADER_CONNECTION, "close");
  const auto result = MHD_queue_response(connection, static_cast<unsigned>(response.status), out);
  MHD_destroy_response(out);
  return result;
}

}  // namespace walpulse::http
