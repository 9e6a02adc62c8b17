#include "monitor/storage/string_interner.h"

namespace walpulse::monitor {

std::optional<std::uint64_t> StringInterner::number_of(std::string_view text) {
  if (const auto known = numbers_.find(text); known != numbers_.end()) return known->second;
  if (texts_.size() == kTextsMax || text.size() > kTextBytesMax) return std::nullopt;
  const std::uint64_t number = texts_.size();
  numbers_.emplace(texts_.emplace_back(text), number);
  return number;
}

std::optional<std::string_view> StringInterner::text(std::uint64_t number) const {
  if (number >= texts_.size()) return std::nullopt;
  return texts_[number];
}

}  // namespace walpulse::monitor
