#pragma once

#include <microhttpd.h>

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
Preferences preferences_of(MHD_Connection* connection, std::string_view method);
/// Queues the answer, to HEAD and of 304 without its body; `close` ends the connection behind it.
MHD_Result send(MHD_Connection* connection, const ServerResponse& response, bool close);

}  // namespace walpulse::http
