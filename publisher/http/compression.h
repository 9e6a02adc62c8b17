#pragma once

#include <cstddef>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

namespace walpulse::http {

/// Below it the saving is smaller than one packet.
inline constexpr std::size_t kGzipBytesMin = 1 << 10;
/// Above it a body is sent as it is: compressing would hold up its thread for a second or more.
inline constexpr std::size_t kGzipBytesMax = 64 << 20;

/// Whether a body of this type and size is worth compressing: text, JSON, XML, scripts.
bool is_compressible(std::string_view content_type, std::size_t bytes);

/// Whether Accept-Encoding allows gzip, and does not prefer the plain text (RFC 9110, section
/// 12.5.3). A client that sends no such field gets plain text.
bool accepts_gzip(std::string_view accept_encoding);

/// The text as one gzip member (RFC 1952), in no more memory than that and 300 KiB. Nothing where
/// it would not be smaller, or zlib has no memory.
std::optional<std::string> gzip(std::string_view text);

/// What gzip() gives of one text, made when it is first asked for. Thread-safe.
class GzipOnce {
 public:
  /// `text` is the same each time.
  std::optional<std::string> of(std::string_view text);

 private:
  std::once_flag once_;
  std::optional<std::string> made_;
};

}  // namespace walpulse::http
