#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "decoder/base/result.h"

namespace walpulse::http {

inline constexpr std::size_t kQueryBytesMax = 8 << 10;
inline constexpr std::size_t kQueryParametersMax = 100;

/// Both are decoded, and may be any bytes, zero bytes and broken UTF-8 among them.
struct QueryParameter {
  std::string name;
  std::string value;
};

/// What stands after the `?` of a request's target: the parameters in their order, repeated names
/// kept.
struct Query {
  std::vector<QueryParameter> parameters = {};

  /// The first value of `name`; null where there is none.
  const std::string* find(std::string_view name) const;
};

/// Splits at `&` and at the first `=`, then decodes %XX (RFC 3986, section 2.1). A name without `=`
/// has an empty value; nothing between two `&` is no parameter. A `+` stays a plus: only the bodies
/// of forms write a space so (application/x-www-form-urlencoded), in a URI it is a character like
/// any other, and the times that people ask for have one ("...T08:00:00+02:00").
/// Errors: rejected (longer than kQueryBytesMax, or more than kQueryParametersMax parameters),
/// malformed (a `%` without two hexadecimal digits).
Result<Query> parse_query(std::string_view text);

}  // namespace walpulse::http
