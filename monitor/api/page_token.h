#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "publisher/http/query.h"

namespace walpulse::monitor::api {

/// Where the next page of a list begins: what its order goes by, of the last item that was shown.
/// What the parts mean is the list's own.
struct PageMark {
  std::vector<std::int64_t> numbers = {};
  std::string text = {};
  bool operator==(const PageMark&) const = default;
};

/// What a list is of: its path and its filters, whatever their order, without where its pages begin
/// and how long they are. A token is good for its own list alone.
std::uint64_t list_of(std::string_view path, const http::Query& query);

/// Opaque to clients, of URL-safe characters.
std::string encode_page_token(std::uint64_t list, const PageMark& mark);
/// Nothing where the token is of another build or list, or is none.
std::optional<PageMark> decode_page_token(std::uint64_t list, std::string_view token);

}  // namespace walpulse::monitor::api
