#include "publisher/http/query.h"

#include <algorithm>
#include <charconv>
#include <utility>

namespace walpulse::http {
namespace {

Result<std::string> percent_decoded(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    const std::string_view digits = text.substr(i + 1, 2);
    unsigned byte = 0;
    const auto* const end = digits.data() + digits.size();
    if (digits.size() != 2 || std::from_chars(digits.data(), end, byte, 16).ptr != end) {
      return fail(ErrorKind::malformed, "a % of the query has no two hexadecimal digits",
                  "write a percent sign as %25");
    }
    out += static_cast<char>(byte);
    i += 2;
  }
  return out;
}

Result<QueryParameter> parse_parameter(std::string_view text) {
  const std::size_t equals = text.find('=');
  auto name = percent_decoded(text.substr(0, equals));
  if (!name) return forward(std::move(name));
  if (equals == std::string_view::npos) return QueryParameter{std::move(*name), ""};
  auto value = percent_decoded(text.substr(equals + 1));
  if (!value) return forward(std::move(value));
  return QueryParameter{std::move(*name), std::move(*value)};
}

}  // namespace

const std::string* Query::find(std::string_view name) const {
  const auto found = std::find_if(parameters.begin(), parameters.end(),
                                  [name](const auto& each) { return each.name == name; });
  return found == parameters.end() ? nullptr : &found->value;
}

Result<Query> parse_query(std::string_view text) {
  if (text.size() > kQueryBytesMax) {
    return fail(ErrorKind::rejected,
                "the query is longer than " + std::to_string(kQueryBytesMax) + " bytes");
  }
  Query query;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('&'), text.size());
    const std::string_view part = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (part.empty()) continue;
    if (query.parameters.size() == kQueryParametersMax) {
      return fail(ErrorKind::rejected,
                  "the query has more than " + std::to_string(kQueryParametersMax) + " parameters");
    }
    auto parameter = parse_parameter(part);
    if (!parameter) return forward(std::move(parameter));
    query.parameters.push_back(std::move(*parameter));
  }
  return query;
}

}  // namespace walpulse::http
