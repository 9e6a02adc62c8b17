#include "decoder/pgoutput/json_skim.h"

#include <algorithm>

#include "decoder/base/plain_text.h"

namespace walpulse::decoder {

std::string_view JsonSkim::value() {
  const char first = peek();
  const std::size_t begin = next_;
  if (!ok_) return {};
  if (first == '"') {
    pass_string();
  } else if (first == '{' || first == '[') {
    pass_nested();
  } else {
    pass_word();
  }
  return ok_ ? text_.substr(begin, next_ - begin) : std::string_view{};
}

void JsonSkim::pass_string() {
  ++next_;
  while (next_ < text_.size()) {
    next_ += json_plain_prefix(text_.substr(next_));
    if (next_ >= text_.size()) break;
    const char c = text_[next_];
    next_ += c == '\\' ? 2 : 1;
    if (c == '"') return;
  }
  ok_ = false;
}

void JsonSkim::pass_nested() {
  std::size_t depth = 0;
  while (ok_ && next_ < text_.size()) {
    const char c = text_[next_];
    if (c == '"') {
      pass_string();
      continue;
    }
    ++next_;
    if (c == '{' || c == '[') ++depth;
    if ((c == '}' || c == ']') && --depth == 0) return;
  }
  ok_ = false;
}

/// A number, true, false or null.
void JsonSkim::pass_word() {
  const std::size_t begin = next_;
  next_ = std::min(text_.find_first_of(",:]}\"[{ \n\t\r", begin), text_.size());
  if (next_ == begin) ok_ = false;
}

}  // namespace walpulse::decoder
