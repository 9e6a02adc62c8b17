#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "decoder/base/result.h"

namespace walpulse::monitor::channels {

/// The value of webhook-signature, as Standard Webhooks defines it: over "ID.SECONDS.BODY" by each
/// key, "v1," and the HMAC-SHA256 in base64, apart by spaces. `keys` has one a line, "whsec_" and
/// base64, or base64 alone. Rejected where a line is no such key.
Result<std::string> webhook_signature(std::string_view keys, std::string_view id,
                                      std::int64_t seconds, std::string_view body);

}  // namespace walpulse::monitor::channels
