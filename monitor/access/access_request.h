#pragma once

#include <string_view>

#include "publisher/http/server.h"

namespace walpulse::monitor {

/// What of a request decides who may make it. Views of the request's head.
struct AccessRequest {
  std::string_view method;
  std::string_view path;
  std::string_view host;          ///< Empty where there is none, or two.
  std::string_view origin;        ///< Of browsers: the page that asks; "null" where it is hidden.
  std::string_view fetch_site;    ///< Sec-Fetch-Site, which no page can forge; browsers' own.
  std::string_view fetch_mode;    ///< Sec-Fetch-Mode: "navigate" where a person follows a link.
  std::string_view content_type;  ///< As it came: it may have parameters.
  bool has_body = false;
  bool wants_page = false;  ///< A browser that shows the answer to a person.
};

AccessRequest access_request(const http::RequestHead& head);

/// GET and HEAD change nothing; everything else may.
bool only_reads(const AccessRequest& request);

/// Whether a Host header (RFC 9110, section 7.2) names this machine from within: localhost, a name
/// below it, or a loopback address, with or without a port. A page from elsewhere whose name was
/// made to resolve to 127.0.0.1 (DNS rebinding) brings its own name along.
bool is_localhost(std::string_view host);

}  // namespace walpulse::monitor
