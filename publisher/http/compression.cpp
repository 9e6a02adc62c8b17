#include "publisher/http/compression.h"

#include <zlib.h>

#include <algorithm>
#include <array>

#include "publisher/http/header_field.h"

namespace walpulse::http {
namespace {

/// A weight in thousandths (RFC 9110, section 12.4.2): 1000 where none is said, 0 where what is
/// said is not one.
int weight_of(std::string_view parameters) {
  int weight = 1000;
  while (!parameters.empty()) {
    std::string_view parameter = take_element(parameters, ';');
    if (parameter.size() < 2 || !equal_ignoring_case(parameter.substr(0, 2), "q=")) continue;
    parameter.remove_prefix(2);
    const bool whole = parameter.starts_with('0') || parameter.starts_with('1');
    if (!whole || parameter.size() > 5 || (parameter.size() > 1 && parameter[1] != '.')) return 0;
    weight = 1000 * (parameter[0] - '0');
    int worth = 100;
    for (const char digit : parameter.substr(std::min<std::size_t>(2, parameter.size()))) {
      if (digit < '0' || digit > '9') return 0;
      weight += worth * (digit - '0');
      worth /= 10;
    }
    if (weight > 1000) return 0;
  }
  return weight;
}

struct Deflation {
  // 15 bits of window, 16 more for gzip's header; level 1: a scrape is read once, so that what
  // counts is our processor's time, and the repetitive text of metrics shrinks to a tenth anyway.
  Deflation()
      : ready(deflateInit2(&stream, 1, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) == Z_OK) {}
  ~Deflation() {
    if (ready) deflateEnd(&stream);
  }
  Deflation(const Deflation&) = delete;
  Deflation& operator=(const Deflation&) = delete;

  z_stream stream{};
  const bool ready;
};

}  // namespace

bool is_compressible(std::string_view content_type, std::size_t bytes) {
  if (bytes < kGzipBytesMin || bytes > kGzipBytesMax) return false;
  const std::string_view type = take_element(content_type, ';');
  const auto begins = [type](std::string_view with) {
    return equal_ignoring_case(type.substr(0, with.size()), with);
  };
  const auto ends = [type](std::string_view with) {
    return type.size() >= with.size() &&
           equal_ignoring_case(type.substr(type.size() - with.size()), with);
  };
  return begins("text/") || ends("/json") || ends("+json") || ends("/xml") || ends("+xml") ||
         ends("/javascript");
}

bool accepts_gzip(std::string_view accept_encoding) {
  std::optional<int> gzip;
  std::optional<int> identity;
  std::optional<int> others;
  while (!accept_encoding.empty()) {
    std::string_view element = take_element(accept_encoding);
    const std::string_view coding = take_element(element, ';');
    if (equal_ignoring_case(coding, "gzip") || equal_ignoring_case(coding, "x-gzip")) {
      gzip = std::max(gzip.value_or(0), weight_of(element));
    } else if (equal_ignoring_case(coding, "identity")) {
      identity = weight_of(element);
    } else if (coding == "*") {
      others = weight_of(element);
    }
  }
  const int rest = others.value_or(0);
  const int weight = gzip.value_or(rest);
  return weight > 0 && weight >= identity.value_or(rest);
}

std::optional<std::string> gzip(std::string_view text) {
  if (text.size() > kGzipBytesMax) return std::nullopt;
  Deflation deflation;
  if (!deflation.ready) return std::nullopt;
  z_stream& stream = deflation.stream;
  // zlib does not write to what it reads, whatever its C signature says about const.
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  std::string out;
  std::array<char, std::size_t{16} << 10> piece;
  while (true) {
    stream.next_out = reinterpret_cast<Bytef*>(piece.data());
    stream.avail_out = static_cast<uInt>(piece.size());
    const int result = deflate(&stream, Z_FINISH);
    if (result != Z_OK && result != Z_STREAM_END) return std::nullopt;
    out.append(piece.data(), piece.size() - stream.avail_out);
    if (out.size() >= text.size()) return std::nullopt;
    if (result == Z_STREAM_END) return out;
  }
}

std::optional<std::string> GzipOnce::of(std::string_view text) {
  std::call_once(once_, [&] { made_ = gzip(text); });
  return made_;
}

}  // namespace walpulse::http
