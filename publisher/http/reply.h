#pragma once

#include <string>

#include "publisher/http/server.h"

namespace walpulse::http {

/// What a reading request says about the answer that it wants; empty for any other request. A copy,
/// since an answer may come when the request is gone.
struct Preferences {
  std::string if_none_match;    ///< All its fields, as one list.
  std::string accept_encoding;  ///< Likewise.
};

/// The answer as it goes out: 304 where the client has what it is given already (RFC 9110, section
/// 13), compressed where the client allows that and it is worth it. A compressed answer's ETag
/// becomes weak: the same tag stands for other bytes then. The body of 304 is not sent, but stays
/// for its length: what is sent of that must be the length that 200 would have (section 8.6). An
/// answer whose headers may not be sent becomes 500.
ServerResponse finished(ServerResponse response, const Preferences& wanted);

}  // namespace walpulse::http
