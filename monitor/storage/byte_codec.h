#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "monitor/storage/string_interner.h"

namespace walpulse::monitor {

/// Variable-length integers (7 bits a byte, low ones first; signed ones zigzag) and counted text.
/// With a table of texts a text is its number and one, or zero and the counted text.
class ByteWriter {
 public:
  explicit ByteWriter(std::string& out, StringInterner* texts = nullptr)
      : out_(out), texts_(texts) {}
  void unsigned_number(std::uint64_t value) {
    for (; value >= 0x80; value >>= 7) out_.push_back(static_cast<char>(value | 0x80));
    out_.push_back(static_cast<char>(value));
  }
  void number(std::int64_t value) {
    const auto bits = static_cast<std::uint64_t>(value);
    unsigned_number((bits << 1) ^ (value < 0 ? ~std::uint64_t{0} : 0));
  }
  void text(std::string_view value) {
    if (texts_ != nullptr) {
      const auto number = texts_->number_of(value);
      unsigned_number(number ? *number + 1 : 0);
      if (number) return;
    }
    unsigned_number(value.size());
    out_.append(value);
  }

 private:
  std::string& out_;
  StringInterner* texts_;
};

/// The first bad read latches; later ones return zero.
class ByteReader {
 public:
  explicit ByteReader(std::string_view in, const StringInterner* texts = nullptr)
      : in_(in), texts_(texts) {}
  std::uint64_t unsigned_number() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
      if (in_.empty()) break;
      const auto byte = static_cast<unsigned char>(in_.front());
      in_.remove_prefix(1);
      value |= std::uint64_t{byte & 0x7Fu} << shift;
      if (byte < 0x80) return value;
    }
    return fail();
  }
  std::int64_t number() {
    const std::uint64_t bits = unsigned_number();
    return static_cast<std::int64_t>((bits >> 1) ^ (~(bits & 1) + 1));
  }
  std::string_view text() {
    if (texts_ != nullptr) {
      if (const std::uint64_t number = unsigned_number(); number != 0) {
        const auto known = texts_->text(number - 1);
        if (!known) fail();
        return known.value_or(std::string_view());
      }
    }
    const std::uint64_t size = unsigned_number();
    if (size > in_.size()) {
      fail();
      return {};
    }
    const std::string_view value = in_.substr(0, size);
    in_.remove_prefix(size);
    return value;
  }
  /// A count of things that take at least a byte each.
  std::uint64_t count() {
    const std::uint64_t value = unsigned_number();
    return value <= in_.size() ? value : fail();
  }
  /// Everything read, and nothing left.
  bool finished() const { return ok_ && in_.empty(); }

 private:
  std::uint64_t fail() {
    ok_ = false;
    in_ = {};
    return 0;
  }
  std::string_view in_;
  const StringInterner* texts_;
  bool ok_ = true;
};

}  // namespace walpulse::monitor
