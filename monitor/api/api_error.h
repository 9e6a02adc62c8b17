#pragma once

#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <utility>
#include <vector>

#include "decoder/base/result.h"
#include "publisher/http/server.h"

namespace walpulse::monitor::api {

/// Why a request is not answered, as RFC 9457 has it. Empty members are left out.
struct ApiError {
  int status = 500;
  std::string_view name;  ///< The type is "/docs#NAME".
  std::string_view title;
  std::string detail;
  std::string remedy = {};
  std::string parameter = {};  ///< The parameter that is wrong.
  std::vector<std::string> allowed = {};
  std::string example = {};
  std::vector<std::pair<std::string, std::string>> headers = {};
};

template <class T>
using Answer = tl::expected<T, ApiError>;

/// For returning it out of a function that answers something else.
inline tl::unexpected<ApiError> refuse(ApiError error) {
  return tl::unexpected<ApiError>(std::move(error));
}

ApiError unknown_parameter(const std::string& name, std::vector<std::string> allowed);
ApiError bad_value(const std::string& parameter, std::string detail, std::string example);
ApiError not_found(std::string detail);
ApiError token_expired();
/// `allow` as the header has it: "GET, HEAD".
ApiError method_not_allowed(const std::string& allow);
/// `error` is what the ledger said.
ApiError ledger_away(const Error& error);
/// There are more requests than are answered in good time.
ApiError busy();

/// application/problem+json, with what the error wants in the headers.
http::ServerResponse response_of(const ApiError& error);

}  // namespace walpulse::monitor::api
