#pragma once

#include <microhttpd.h>

#include <cstdint>
#include <string_view>
#include <vector>

#include "publisher/http/reply.h"
#include "publisher/http/server.h"

namespace walpulse::http {

/// libmicrohttpd's requests and answers in our words. Views are valid until the request is over.

/// The first value of the field; empty where there is none.
std::string_view header(MHD_Connection* connection, const char* name);
/// Every value of the field, whatever the case of its name.
std::vector<std::string_view> header_values(MHD_Connection* connection, const char* name);
/// What a request's head says of its body.
struct BodyFraming {
  /// Why it cannot be told where the body ends; empty where it can. A proxy before us may take the
  /// other of two answers, and what it takes for the body's rest is then the next request (RFC
  /// 9112, sections 6.1 and 6.3).
  std::string_view problem = {};
  std::uint64_t bytes = 0;  ///< By Content-Length; the largest number for all beyond it.
  bool is_chunked = false;
  bool awaits_word = false;  ///< Whoever sends it asks before (Expect).

  bool is_there() const { return is_chunked || bytes != 0; }
};
BodyFraming body_framing(MHD_Connection* connection);
Preferences preferences_of(MHD_Connection* connection, std::string_view method);
/// Queues the answer, to HEAD and of 304 without its body; `close` ends the connection behind it.
MHD_Result send(MHD_Connection* connection, const ServerResponse& response, bool close);

}  // namespace walpulse::http
