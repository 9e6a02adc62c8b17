#pragma once

#include <string>
#include <string_view>

namespace walpulse::auth {

/// HMAC with SHA-256 (RFC 2104, FIPS 180-4): 32 bytes. Empty where the library has no memory.
std::string hmac_sha256(std::string_view key, std::string_view text);

}  // namespace walpulse::auth
