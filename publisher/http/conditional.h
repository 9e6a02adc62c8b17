#pragma once

#include <string_view>

namespace walpulse::http {

/// `"..."` or `W/"..."` (RFC 9110, section 8.8.3).
bool is_entity_tag(std::string_view text);

/// Whether If-None-Match names what `etag` names, so that a reading request is answered by 304 (RFC
/// 9110, section 13.1.2): one of the list's tags has the same text, weak or not, or the field is
/// `*`. What follows the first element that is not a tag is ignored: then the client gets a whole
/// answer, which is never wrong.
bool names_entity(std::string_view if_none_match, std::string_view etag);

}  // namespace walpulse::http
