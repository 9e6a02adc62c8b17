#pragma once

#include <string>
#include <string_view>

#include "decoder/base/result.h"

/// RFC 4648: event JSON holds bytes that are no text so, Pub/Sub every message, JWTs their parts.
namespace walpulse {

/// Standard alphabet with padding (RFC 4648, section 4). Appends.
void append_base64(std::string_view bytes, std::string& out);
/// Accepts both alphabets, with or without padding; anything else is malformed.
Result<std::string> decode_base64(std::string_view text);
/// URL-safe alphabet without padding (RFC 7515), for JWTs.
std::string base64_url(std::string_view bytes);

}  // namespace walpulse
