#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "decoder/base/result.h"
#include "decoder/base/timestamp.h"
#include "decoder/base/types.h"

namespace walpulse::decoder {

using Bytes = std::span<const std::byte>;

/// Reads big-endian fields from a message that it does not own.
///
/// The first bad read latches: later reads return zero or nothing and consume nothing, so that a
/// reader is straight-line code. The value only leaves through finish(), which is where the failure
/// surfaces and where unread bytes are refused: there is no way to forget the check.
class ByteCursor {
 public:
  explicit ByteCursor(Bytes message) : message_(message) {}

  std::uint8_t u8() { return static_cast<std::uint8_t>(integer<1>()); }
  std::uint16_t u16() { return static_cast<std::uint16_t>(integer<2>()); }
  std::uint32_t u32() { return static_cast<std::uint32_t>(integer<4>()); }
  std::uint64_t u64() { return integer<8>(); }
  Lsn lsn() { return Lsn{u64()}; }
  Oid oid() { return Oid{u32()}; }
  Xid xid() { return Xid{u32()}; }
  /// Microseconds since 2000-01-01, as the server counts.
  Timestamp timestamp() { return from_postgres_epoch(static_cast<std::int64_t>(u64())); }

  /// NUL-terminated text. The view lives as long as the message.
  std::string_view text();
  /// Bytes preceded by their int32 length. A negative length is a failure.
  std::string_view block();
  /// Element counts that the rest of the message could really hold, so that a forged count can
  /// neither spin a loop nor reserve memory.
  std::size_t count16(std::size_t element_size_min) { return checked(u16(), element_size_min); }
  std::size_t count32(std::size_t element_size_min) { return checked(u32(), element_size_min); }

  /// `reason` is kept with the current offset; later failures are ignored.
  void fail(std::string reason);
  bool ok() const { return ok_; }
  std::size_t offset() const { return offset_; }
  std::size_t remaining() const { return message_.size() - offset_; }

  template <class T>
  Result<T> finish(T value) {
    if (ok() && remaining() != 0) fail("unread bytes after the last field");
    if (!ok()) return walpulse::fail(ErrorKind::malformed, std::move(reason_));
    return value;
  }

 private:
  template <std::size_t size>
  std::uint64_t integer() {
    if (!ok_ || remaining() < size) {
      fail("cut off");
      return 0;
    }
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < size; ++i) {
      value = value << 8 | static_cast<std::uint64_t>(message_[offset_ + i]);
    }
    offset_ += size;
    return value;
  }
  std::size_t checked(std::size_t count, std::size_t element_size_min);

  Bytes message_;
  std::size_t offset_ = 0;
  bool ok_ = true;
  std::string reason_;
};

}  // namespace walpulse::decoder
