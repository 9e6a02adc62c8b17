#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace walpulse::schema {

/// RFC 4648, section 4: the standard alphabet with padding. Appends.
void append_base64(std::string_view bytes, std::string& out);
/// The inverse; nullopt for anything that append_base64 does not write.
std::optional<std::string> decode_base64(std::string_view text);

}  // namespace walpulse::schema
