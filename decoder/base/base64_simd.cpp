#include "decoder/base/base64_simd.h"

#ifdef __x86_64__
#include <immintrin.h>

namespace walpulse {
namespace {

/// Sixteen numbers below 64, four out of each group of three bytes, in their order.
__attribute__((target("ssse3"))) inline __m128i sextets(__m128i bytes) {
  // A group's bytes b0 b1 b2 become b1 b0 b2 b1: read as two little-endian halves, b0 b1 holds the
  // first two numbers and b1 b2 the last two.
  const __m128i spread =
      _mm_shuffle_epi8(bytes, _mm_setr_epi8(1, 0, 2, 1, 4, 3, 5, 4, 7, 6, 8, 7, 10, 9, 11, 10));
  // One number of each half moves down to its low byte, the other up to its high byte. How far
  // differs by half, so the shifts are multiplications.
  const __m128i low = _mm_mulhi_epu16(_mm_and_si128(spread, _mm_set1_epi32(0x0fc0'fc00)),
                                      _mm_set1_epi32(1 << 26 | 1 << 6));
  const __m128i high = _mm_mullo_epi16(_mm_and_si128(spread, _mm_set1_epi32(0x003f'03f0)),
                                       _mm_set1_epi32(1 << 24 | 1 << 4));
  return _mm_or_si128(low, high);
}

/// The alphabet is five runs of ASCII; what to add is looked up by the run.
__attribute__((target("ssse3"))) inline __m128i digits(__m128i numbers) {
  constexpr char kUpper = 'A', kLower = 'a' - 26, kDigit = '0' - 52, kPlus = '+' - 62,
                 kSlash = '/' - 63;
  const __m128i offsets =
      _mm_setr_epi8(kLower, kDigit, kDigit, kDigit, kDigit, kDigit, kDigit, kDigit, kDigit, kDigit,
                    kDigit, kPlus, kSlash, kUpper, 0, 0);
  // 0 up to 51, then 1 to 12; 13 for the first run.
  const __m128i behind_letters = _mm_subs_epu8(numbers, _mm_set1_epi8(51));
  const __m128i is_upper = _mm_cmplt_epi8(numbers, _mm_set1_epi8(26));
  const __m128i run = _mm_or_si128(behind_letters, _mm_and_si128(is_upper, _mm_set1_epi8(13)));
  return _mm_add_epi8(numbers, _mm_shuffle_epi8(offsets, run));
}

__attribute__((target("ssse3"))) std::size_t encode(std::string_view bytes, char* out) {
  std::size_t done = 0;
  for (; bytes.size() - done >= sizeof(__m128i); done += 12, out += 16) {
    const auto* in = reinterpret_cast<const __m128i*>(bytes.data() + done);
    _mm_storeu_si128(reinterpret_cast<__m128i*>(out), digits(sextets(_mm_loadu_si128(in))));
  }
  return done;
}

}  // namespace

std::size_t encode_base64_blocks(std::string_view bytes, char* out) {
  static const bool has_ssse3 = __builtin_cpu_supports("ssse3") != 0;
  return has_ssse3 ? encode(bytes, out) : 0;
}

}  // namespace walpulse

#else

namespace walpulse {

std::size_t encode_base64_blocks(std::string_view, char*) { return 0; }

}  // namespace walpulse

#endif
