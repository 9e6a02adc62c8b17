#include "monitor/storage/postgres/postgres_values.h"

#include <array>
#include <cstdint>

namespace walpulse::monitor {
namespace {

template <class Integer>
void append(std::string& out, Integer value) {
  for (int shift = 8 * (static_cast<int>(sizeof value) - 1); shift >= 0; shift -= 8)
    out.push_back(static_cast<char>(value >> shift));
}

std::string eight_bytes(std::int64_t value) {
  std::string bytes;
  append(bytes, static_cast<std::uint64_t>(value));
  return bytes;
}

/// Of each byte what it counts as a hexadecimal digit; -1: it is none. PostgreSQL writes small
/// letters.
constexpr auto kDigits = [] {
  std::array<std::int8_t, 256> digits{};
  digits.fill(-1);
  for (std::int8_t i = 0; i < 16; ++i)
    digits[static_cast<unsigned char>("0123456789abcdef"[i])] = i;
  return digits;
}();
int digit(char c) { return kDigits[static_cast<unsigned char>(c)]; }

}  // namespace

PostgresArray::PostgresArray(Type type) : type_(type) {}

PostgresArray& PostgresArray::add_value(std::string_view bytes) {
  ++length_;
  append(values_, static_cast<std::uint32_t>(bytes.size()));
  values_.append(bytes);
  return *this;
}

PostgresArray& PostgresArray::add_flag(bool value) {
  return add_value(std::string(1, static_cast<char>(value)));
}
PostgresArray& PostgresArray::add(std::int64_t value) { return add_value(eight_bytes(value)); }
PostgresArray& PostgresArray::add(std::string_view value) { return add_value(value); }

PostgresArray& PostgresArray::add_null() {
  ++length_;
  has_nulls_ = true;
  append(values_, ~std::uint32_t{0});
  return *this;
}

std::string PostgresArray::encoded() const {
  std::string bytes;
  append(bytes, std::uint32_t{length_ > 0 ? 1u : 0u});
  append(bytes, std::uint32_t{has_nulls_ ? 1u : 0u});
  append(bytes, static_cast<std::uint32_t>(type_));
  if (length_ == 0) return bytes;
  append(bytes, length_);
  append(bytes, std::uint32_t{1});
  return bytes + values_;
}

PostgresValues& PostgresValues::number(std::int64_t value) {
  encoded_.push_back(eight_bytes(value));
  return *this;
}

PostgresValues& PostgresValues::flag(bool value) {
  encoded_.emplace_back(1, static_cast<char>(value));
  return *this;
}

PostgresValues& PostgresValues::bytes(std::string_view value) {
  encoded_.emplace_back(value);
  return *this;
}

PostgresValues& PostgresValues::array(const PostgresArray& value) {
  encoded_.push_back(value.encoded());
  return *this;
}

std::string bytes_of_hex(std::string_view text) {
  if (!text.starts_with("\\x") || text.size() % 2 != 0) return {};
  std::string bytes(text.size() / 2 - 1, '\0');
  int seen = 0;  // Below zero once a digit was none.
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const int byte = digit(text[2 * i + 2]) << 4 | digit(text[2 * i + 3]);
    seen |= byte;
    bytes[i] = static_cast<char>(byte);
  }
  if (seen < 0) return {};
  return bytes;
}

}  // namespace walpulse::monitor
