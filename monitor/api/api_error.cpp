#include "monitor/api/api_error.h"

#include <nlohmann/json.hpp>

#include "decoder/base/json_dom.h"

namespace walpulse::monitor::api {

ApiError unknown_parameter(const std::string& name, std::vector<std::string> allowed) {
  return {.status = 400,
          .name = "unknown-parameter",
          .title = "Unknown parameter",
          .detail = "there is no parameter '" + name + "' here",
          .remedy = allowed.empty() ? "leave it out" : "use one of those that are allowed",
          .parameter = name,
          .allowed = std::move(allowed)};
}

ApiError bad_value(const std::string& parameter, std::string detail, std::string example) {
  return {.status = 400,
          .name = "bad-value",
          .title = "Bad value",
          .detail = std::move(detail),
          .parameter = parameter,
          .example = std::move(example)};
}

ApiError not_found(std::string detail) {
  return {.status = 404, .name = "not-found", .title = "Not found", .detail = std::move(detail)};
}

ApiError token_expired() {
  return {.status = 410,
          .name = "page-token-expired",
          .title = "The page token has expired",
          .detail = "the page token is of another build, or of other filters",
          .remedy = "begin again without page_token"};
}

ApiError method_not_allowed(const std::string& allow) {
  return {.status = 405,
          .name = "method-not-allowed",
          .title = "Method not allowed",
          .detail = "this is answered to " + allow + " alone",
          .headers = {{"Allow", allow}}};
}

ApiError ledger_away(const Error& error) {
  return {.status = 503,
          .name = "ledger-away",
          .title = "The ledger does not answer",
          .detail = error.message,
          .remedy = error.remedy.empty()
                        ? "Capture goes on; nothing is lost. Look at the ledger's database or disk."
                        : error.remedy,
          .headers = {{"Retry-After", "5"}}};
}

ApiError busy() {
  return {.status = 503,
          .name = "busy",
          .title = "Busy",
          .detail = "more requests wait than are answered in good time",
          .remedy = "try again later",
          .headers = {{"Retry-After", "1"}}};
}

http::ServerResponse response_of(const ApiError& error) {
  nlohmann::ordered_json json = {{"type", "/docs#" + std::string(error.name)},
                                 {"title", error.title},
                                 {"status", error.status},
                                 {"detail", error.detail}};
  const auto add = [&](const char* name, const std::string& value) {
    if (!value.empty()) json[name] = value;
  };
  add("remedy", error.remedy);
  add("parameter", error.parameter);
  if (!error.allowed.empty()) json["allowed"] = error.allowed;
  add("example", error.example);
  http::ServerResponse response{error.status, "application/problem+json", dump_json(json)};
  response.headers = error.headers;
  response.headers.emplace_back("Cache-Control", "no-store");
  return response;
}

}  // namespace walpulse::monitor::api
