#pragma once

#include <string>
#include <string_view>

#include "decoder/schema/result.h"

namespace walpulse::gcp {

/// Standard alphabet with padding (RFC 4648, section 4). Appends.
void append_base64(std::string_view bytes, std::string& out);
/// Accepts both alphabets, with or without padding; anything else is malformed.
Result<std::string> decode_base64(std::string_view text);
/// URL-safe alphabet without padding (RFC 7515), for JWTs.
std::string base64_url(std::string_view bytes);

}  // namespace walpulse::gcp
