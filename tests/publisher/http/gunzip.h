#pragma once

#include <gtest/gtest.h>
#include <zlib.h>

#include <string>

namespace walpulse::http {

/// What `gzip -d` makes of it; empty, and a failed test, where that is not one whole gzip member.
inline std::string gunzip(const std::string& compressed, std::size_t bytes_max = 80 << 20) {
  z_stream stream{};
  if (inflateInit2(&stream, 15 + 16) != Z_OK) return {};
  std::string out(bytes_max, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(compressed.data()));
  stream.avail_in = static_cast<uInt>(compressed.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(inflate(&stream, Z_FINISH), Z_STREAM_END);
  EXPECT_EQ(stream.avail_in, 0U) << "there is more behind the member";
  out.resize(stream.total_out);
  inflateEnd(&stream);
  return out;
}

}  // namespace walpulse::http
