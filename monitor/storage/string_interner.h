#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace walpulse::monitor {

/// StringInterner that occur again and again (names of pipelines, sets of labels), each kept once
/// and called by its number. Only grows, up to a bound: what comes later has no number.
class StringInterner {
 public:
  static constexpr std::size_t kTextsMax = 50'000;
  static constexpr std::size_t kTextBytesMax = 256;

  StringInterner() = default;
  StringInterner(const StringInterner&) = delete;
  StringInterner& operator=(const StringInterner&) = delete;

  /// Its number, given now where it had none; nothing where it gets none.
  std::optional<std::uint64_t> number_of(std::string_view text);
  /// Nothing where no text has this number.
  std::optional<std::string_view> text(std::uint64_t number) const;

 private:
  std::deque<std::string> texts_;  ///< Stay where they are.
  std::unordered_map<std::string_view, std::uint64_t> numbers_;
};

}  // namespace walpulse::monitor
