#include <string>

#include "publisher/http/compression.h"
#include "publisher/http/conditional.h"
#include "publisher/http/query.h"
#include "publisher/http/url_encoding.h"
#include "tests/fuzz/fuzz.h"

// Input: what a client writes into a request's head and the server reads by itself: a query, a
// condition, an encoding it accepts.

namespace walpulse::http {
namespace {

using fuzz::require;

void check_query(std::string_view text) {
  const auto query = parse_query(text);
  if (!query) {
    require(!query.error().message.empty(), "what is refused is refused for a reason");
    return;
  }
  require(query->parameters.size() <= kQueryParametersMax, "parameters are bounded");
  std::string written;
  for (const QueryParameter& one : query->parameters) {
    written += '&' + percent_encoded(one.name) + '=' + percent_encoded(one.value);
  }
  if (written.size() > kQueryBytesMax) return;  // Every escape takes three bytes.
  const auto again = parse_query(written);
  require(again.has_value(), "a query that is written can be read");
  require(again->parameters.size() == query->parameters.size(), "no parameter is lost");
  for (std::size_t i = 0; i < again->parameters.size(); ++i) {
    require(again->parameters[i].name == query->parameters[i].name, "names survive");
    require(again->parameters[i].value == query->parameters[i].value, "values survive");
  }
}

void check_condition(std::string_view text) {
  if (is_entity_tag(text)) require(names_entity(text, text), "a tag names itself");
  require(names_entity("*", text) == names_entity(" * ", text), "blanks mean nothing");
}

}  // namespace
}  // namespace walpulse::http

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace walpulse;
  const std::string_view text = fuzz::text(data, size);
  http::check_query(text);
  http::check_condition(text);
  http::accepts_gzip(text);
  return 0;
}
