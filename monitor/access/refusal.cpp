#include "monitor/access/refusal.h"

#include <nlohmann/json.hpp>

#include "decoder/base/json_dom.h"

namespace walpulse::monitor {
namespace {

/// An address may be whatever an issuer lets people have.
std::string in_html(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

std::string page_of(const Decision& decision) {
  const std::string title = in_html(decision.title);
  return "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
         "<meta name=\"viewport\" content=\"width=device-width\">\n<title>walpulse: " +
         title + "</title></head>\n<body><h1>" + title + "</h1><p>" + in_html(decision.detail) +
         "</p></body></html>\n";
}

}  // namespace

http::ServerResponse refusal(const Decision& decision, const AccessRequest& request) {
  http::ServerResponse response;
  response.status = decision.status;
  response.headers = {{"Cache-Control", "no-store"}, {"X-Content-Type-Options", "nosniff"}};
  if (decision.type == "keys-away") response.headers.emplace_back("Retry-After", "5");
  if (!decision.allow.empty()) response.headers.emplace_back("Allow", std::string(decision.allow));
  if (request.wants_page) {
    response.content_type = "text/html; charset=utf-8";
    response.headers.emplace_back("Content-Security-Policy",
                                  "default-src 'none'; frame-ancestors 'none'");
    response.body = page_of(decision);
    return response;
  }
  const nlohmann::ordered_json problem = {{"type", "/docs#" + std::string(decision.type)},
                                          {"title", decision.title},
                                          {"status", decision.status},
                                          {"detail", decision.detail}};
  response.content_type = "application/problem+json";
  response.body = dump_json(problem) + "\n";
  return response;
}

}  // namespace walpulse::monitor
