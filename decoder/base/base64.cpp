#include "decoder/base/base64.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <cstring>

#include "decoder/base/base64_simd.h"

namespace walpulse {
namespace {

constexpr std::string_view kStandard =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view kUrlSafe =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
/// Two characters for each 12-bit number: half as many lookups is nearly twice the speed.
struct PairTable {
  std::array<char, std::size_t{4096} * 2> pairs{};
  constexpr explicit PairTable(std::string_view alphabet) {
    for (std::size_t i = 0; i < 4096; ++i) {
      pairs[i * 2] = alphabet[i >> 6];
      pairs[i * 2 + 1] = alphabet[i & 63];
    }
  }
};
constexpr PairTable kStandardPairs(kStandard);
constexpr PairTable kUrlSafePairs(kUrlSafe);

/// What a digit adds to a group of four, by its place there; of either alphabet.
struct DigitTable {
  static constexpr std::uint32_t kInvalid = 1u << 31;
  std::array<std::array<std::uint32_t, 256>, 4> places{};
  constexpr DigitTable() {
    for (auto& place : places) place.fill(kInvalid);
    for (const std::string_view alphabet : {kStandard, kUrlSafe}) {
      for (std::uint32_t value = 0; value < 64; ++value) {
        const auto digit = static_cast<std::uint8_t>(alphabet[value]);
        for (std::uint32_t place = 0; place < 4; ++place)
          places[place][digit] = value << (18 - 6 * place);
      }
    }
  }
};
constexpr DigitTable kDigitTable;

/// Four digits as 24 bits.
std::uint32_t group_of(const char* digits) {
  const auto at = [digits](std::size_t place) {
    return kDigitTable.places[place][static_cast<std::uint8_t>(digits[place])];
  };
  return at(0) | at(1) | at(2) | at(3);
}

/// The compiler makes one load of it.
std::uint64_t big_endian(const unsigned char* in) {
  return std::uint64_t{in[0]} << 56 | std::uint64_t{in[1]} << 48 | std::uint64_t{in[2]} << 40 |
         std::uint64_t{in[3]} << 32 | std::uint64_t{in[4]} << 24 | std::uint64_t{in[5]} << 16 |
         std::uint64_t{in[6]} << 8 | in[7];
}

void store_big_endian(std::uint64_t word, char* out) {
  if constexpr (std::endian::native == std::endian::little) word = __builtin_bswap64(word);
  std::memcpy(out, &word, 8);
}

/// `to` has room for it.
void write(std::string_view bytes, const PairTable& table, bool padded, char* to) {
  const auto* in = reinterpret_cast<const unsigned char*>(bytes.data());
  const std::size_t whole = bytes.size() / 3;
  const std::size_t rest = bytes.size() % 3;
  const auto put = [&to, &table](std::uint64_t twelve_bits) {
    std::memcpy(to, table.pairs.data() + twelve_bits * 2, 2);
    to += 2;
  };
  std::size_t i = 0;
  // Six bytes out of one load of eight, as long as eight are left.
  for (; (i + 3) * 3 <= bytes.size(); i += 2, in += 6) {
    const std::uint64_t word = big_endian(in);
    put(word >> 52);
    put(word >> 40 & 0xfff);
    put(word >> 28 & 0xfff);
    put(word >> 16 & 0xfff);
  }
  for (; i < whole; ++i, in += 3) {
    const std::uint32_t group = std::uint32_t{in[0]} << 16 | std::uint32_t{in[1]} << 8 | in[2];
    put(group >> 12);
    put(group & 0xfff);
  }
  if (rest == 0) return;
  const std::uint32_t group =
      std::uint32_t{in[0]} << 16 | (rest == 2 ? std::uint32_t{in[1]} << 8 : 0u);
  put(group >> 12);
  if (rest == 2) *to++ = table.pairs[(group & 0xfff) * 2];
  if (!padded) return;
  if (rest == 1) *to++ = '=';
  *to = '=';
}

}  // namespace

void append_base64(std::string_view bytes, std::string& out) {
  const std::size_t old_size = out.size();
  out.resize(old_size + (bytes.size() + 2) / 3 * 4);
  const std::size_t done = encode_base64_blocks(bytes, out.data() + old_size);
  write(bytes.substr(done), kStandardPairs, true, out.data() + old_size + done / 3 * 4);
}

std::string base64_url(std::string_view bytes) {
  std::string out((bytes.size() * 4 + 2) / 3, '\0');
  write(bytes, kUrlSafePairs, false, out.data());
  return out;
}

Result<std::string> decode_base64(std::string_view text) {
  const std::size_t digits = text.find_last_not_of('=') + 1;  // npos + 1 = 0: nothing but padding.
  const std::size_t padding = text.size() - digits;
  if (digits % 4 == 1 || padding > 2 || (padding > 0 && text.size() % 4 != 0)) {
    return fail(ErrorKind::malformed, "base64 of an impossible length");
  }
  std::string out(digits * 3 / 4, '\0');
  std::uint32_t seen = 0;  // one test at the end, so that nothing in the loop waits for it
  char* to = out.data();
  const std::size_t whole = digits / 4 * 4;
  std::size_t i = 0;
  // Six bytes by one store of eight, as long as there is room for eight.
  for (; i + 12 <= whole; i += 8, to += 6) {
    const std::uint32_t first = group_of(text.data() + i);
    const std::uint32_t second = group_of(text.data() + i + 4);
    seen |= first | second;
    store_big_endian(std::uint64_t{first} << 40 | std::uint64_t{second} << 16, to);
  }
  for (; i < whole; i += 4) {
    const std::uint32_t group = group_of(text.data() + i);
    seen |= group;
    *to++ = static_cast<char>(group >> 16);
    *to++ = static_cast<char>(group >> 8);
    *to++ = static_cast<char>(group);
  }
  std::array<char, 4> rest{'A', 'A', 'A', 'A'};  // zero
  std::copy_n(text.data() + whole, digits - whole, rest.begin());
  const std::uint32_t last = group_of(rest.data());
  seen |= last;
  for (int shift = 16; to != out.data() + out.size(); shift -= 8)
    *to++ = static_cast<char>(last >> shift);
  if (seen & DigitTable::kInvalid)
    return fail(ErrorKind::malformed, "a character that is not base64");
  return out;
}

}  // namespace walpulse
