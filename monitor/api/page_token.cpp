#include "monitor/api/page_token.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "decoder/base/base64.h"
#include "decoder/base/json_dom.h"

namespace walpulse::monitor::api {
namespace {

/// Raised whenever a mark means something else than before.
constexpr int kTokenVersion = 1;

/// FNV-1a, 64 bits: not against forgers, who could only page through what they may read anyway.
class Hash {
 public:
  void add(std::string_view text) {
    for (const char c : text) step(static_cast<unsigned char>(c));
    step(0xFF);  // so that "a", "bc" is not "ab", "c"
  }
  std::uint64_t value() const { return value_; }

 private:
  void step(unsigned char byte) { value_ = (value_ ^ byte) * 0x100000001b3; }
  std::uint64_t value_ = 0xcbf29ce484222325;
};

bool is_paging(const std::string& name) { return name == "page_token" || name == "page_size"; }

}  // namespace

std::uint64_t list_of(std::string_view path, const http::Query& query) {
  std::vector<std::pair<std::string_view, std::string_view>> filters;
  for (const http::QueryParameter& each : query.parameters)
    if (!is_paging(each.name)) filters.emplace_back(each.name, each.value);
  std::ranges::sort(filters);
  Hash hash;
  hash.add(path);
  for (const auto& [name, value] : filters) {
    hash.add(name);
    hash.add(value);
  }
  return hash.value();
}

std::string encode_page_token(std::uint64_t list, const PageMark& mark) {
  const nlohmann::ordered_json json = {kTokenVersion, std::to_string(list), mark.numbers,
                                       mark.text};
  return base64_url(dump_json(json));
}

std::optional<PageMark> decode_page_token(std::uint64_t list, std::string_view token) {
  const auto text = decode_base64(token);
  if (!text) return std::nullopt;
  const auto json = parse_json(*text);
  if (!json.is_array() || json.size() != 4 || json[0] != kTokenVersion ||
      json[1] != std::to_string(list) || !json[2].is_array() || !json[3].is_string())
    return std::nullopt;
  PageMark mark;
  for (const auto& number : json[2]) {
    if (!number.is_number_integer()) return std::nullopt;
    mark.numbers.push_back(number.get<std::int64_t>());
  }
  mark.text = json[3].get<std::string>();
  return mark;
}

}  // namespace walpulse::monitor::api
