#include "monitor/access/access_request.h"

#include <arpa/inet.h>

#include <algorithm>
#include <string>

#include "publisher/http/header_field.h"

namespace walpulse::monitor {
namespace {

/// The one value of the field; empty where there is none, or where it is said twice.
std::string_view only(const http::RequestHead& head, const char* name) {
  const auto values = head.values(name);
  return values.size() == 1 ? values.front() : std::string_view();
}

bool takes_html(std::string_view accept) {
  while (!accept.empty()) {
    const std::string_view each = http::take_element(accept);
    if (http::equal_ignoring_case(each.substr(0, each.find(';')), "text/html")) return true;
  }
  return false;
}

bool is_loopback_ipv4(const std::string& name) {
  in_addr address{};
  return ::inet_pton(AF_INET, name.c_str(), &address) == 1 && (ntohl(address.s_addr) >> 24) == 127;
}

bool is_port(std::string_view text) {
  return text.size() <= 5 && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

bool ends_in_localhost(std::string_view name) {
  constexpr std::string_view kName = "localhost";  // and below it: RFC 6761, section 6.3
  if (name.size() < kName.size()) return false;
  const std::string_view before = name.substr(0, name.size() - kName.size());
  return http::equal_ignoring_case(name.substr(before.size()), kName) &&
         (before.empty() || before.back() == '.');
}

}  // namespace

AccessRequest access_request(const http::RequestHead& head) {
  AccessRequest request;
  request.method = head.method;
  request.path = head.path;
  request.host = only(head, "Host");
  // Said twice it is no word of a browser: refused as one from elsewhere.
  request.origin = head.values("Origin").size() > 1 ? "null" : only(head, "Origin");
  request.fetch_site =
      head.values("Sec-Fetch-Site").size() > 1 ? "cross-site" : only(head, "Sec-Fetch-Site");
  request.fetch_mode = only(head, "Sec-Fetch-Mode");
  request.content_type = only(head, "Content-Type");
  const auto length = head.values("Content-Length");
  request.has_body =
      !head.values("Transfer-Encoding").empty() || (!length.empty() && length[0] != "0");
  request.wants_page = only_reads(request) && takes_html(only(head, "Accept"));
  return request;
}

bool only_reads(const AccessRequest& request) {
  return request.method == "GET" || request.method == "HEAD";
}

bool is_localhost(std::string_view host) {
  constexpr std::string_view kIpv6 = "[::1]";
  if (host.starts_with(kIpv6)) {
    const std::string_view rest = host.substr(kIpv6.size());
    return rest.empty() || (rest.front() == ':' && is_port(rest.substr(1)));
  }
  const std::size_t colon = host.find(':');
  if (colon != std::string_view::npos && !is_port(host.substr(colon + 1))) return false;
  const std::string_view name = host.substr(0, colon);
  return ends_in_localhost(name) || is_loopback_ipv4(std::string(name));
}

}  // namespace walpulse::monitor
