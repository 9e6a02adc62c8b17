#include "decoder/pgoutput/byte_cursor.h"

#include <cassert>

namespace walpulse::decoder {

std::string_view ByteCursor::text() {
  if (!ok_) return {};
  const std::string_view rest(reinterpret_cast<const char*>(message_.data()) + offset_,
                              remaining());
  const std::size_t end = rest.find('\0');
  if (end == std::string_view::npos) {
    fail("text without its end");
    return {};
  }
  offset_ += end + 1;
  return rest.substr(0, end);
}

std::string_view ByteCursor::block() {
  const std::uint32_t size = u32();
  if (!ok_) return {};
  // A negative length is a huge one here, and so refused as well.
  if (size > remaining()) {
    fail("a length of " + std::to_string(static_cast<std::int32_t>(size)) + " with " +
         std::to_string(remaining()) + " bytes left");
    return {};
  }
  const std::string_view bytes(reinterpret_cast<const char*>(message_.data()) + offset_, size);
  offset_ += size;
  return bytes;
}

std::size_t ByteCursor::checked(std::size_t count, std::size_t element_size_min) {
  assert(element_size_min > 0);
  if (ok_ && count > remaining() / element_size_min) {
    fail("a count of " + std::to_string(count) + " with " + std::to_string(remaining()) +
         " bytes left");
  }
  return ok_ ? count : 0;
}

void ByteCursor::fail(std::string reason) {
  if (!ok_) return;
  ok_ = false;
  reason_ = "offset " + std::to_string(offset_) + ": " + std::move(reason);
}

}  // namespace walpulse::decoder
