#include "decoder/base/types.h"

#include <charconv>

namespace walpulse {
namespace {

/// One side of an LSN: 1 to 8 hexadecimal digits and nothing else.
bool read_half(std::string_view text, std::uint32_t& half) {
  if (text.empty() || text.size() > 8) return false;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, half, 16);
  return error == std::errc{} && stop == end;
}

void append_upper_hex(std::uint32_t value, std::string& out) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  int shift = 28;
  while (shift > 0 && (value >> shift) == 0) shift -= 4;
  for (; shift >= 0; shift -= 4) out += kDigits[(value >> shift) & 0xF];
}

}  // namespace

std::string to_string(Lsn lsn) {
  std::string text;
  text.reserve(17);
  append_upper_hex(static_cast<std::uint32_t>(lsn.value >> 32), text);
  text += '/';
  append_upper_hex(static_cast<std::uint32_t>(lsn.value), text);
  return text;
}

Result<Lsn> parse_lsn(std::string_view text) {
  const std::size_t slash = text.find('/');
  std::uint32_t high = 0;
  std::uint32_t low = 0;
  if (slash == std::string_view::npos || !read_half(text.substr(0, slash), high) ||
      !read_half(text.substr(slash + 1), low)) {
    return fail(ErrorKind::malformed,
                "not an LSN: '" + std::string(text) + "' (write it as in 16/B374D848)");
  }
  return Lsn{std::uint64_t{high} << 32 | low};
}

}  // namespace walpulse
