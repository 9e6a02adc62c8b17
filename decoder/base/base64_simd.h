#pragma once

#include <cstddef>
#include <string_view>

namespace walpulse {

/// Writes the beginning of `bytes` in base64's standard alphabet to `out`, which has room for all
/// of it, 12 bytes at a time by SSSE3. Returns how many bytes it took, a multiple of 12: none where
/// the processor has no SSSE3, and never the last four.
std::size_t encode_base64_blocks(std::string_view bytes, char* out);

}  // namespace walpulse
