#include "monitor/rules/mistake.h"

#include <utility>

#include "decoder/base/utf8.h"

namespace walpulse::rules {
namespace {

constexpr std::size_t kQuotedBytesMax = 80;

/// Line ends and control characters become blanks, so that a message is one line.
std::string in_one_line(std::string_view text) {
  std::string line;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    line += byte < 0x20 || byte == 0x7f ? ' ' : c;
  }
  return line;
}

}  // namespace

std::string in_quotes(std::string_view text) {
  std::string kept;
  while (!text.empty() && kept.size() < kQuotedBytesMax) {
    const std::size_t character = utf8_character(text);
    if (character == 0) break;
    kept += text.substr(0, character);
    text.remove_prefix(character);
  }
  return "'" + in_one_line(kept) + (text.empty() ? "'" : "...'");
}

std::string to_string(const Mistake& mistake) {
  std::string line = mistake.file;
  if (mistake.line > 0) line += ":" + std::to_string(mistake.line);
  if (!mistake.key.empty()) line += ": " + mistake.key;
  line += (line.empty() ? "" : ": ") + mistake.what;
  if (!mistake.example.empty()) line += "; for example  " + mistake.example;
  return in_one_line(line);
}

void MistakeList::add(Mistake mistake) {
  if (kept_.size() < kKeptMax) {
    kept_.push_back(std::move(mistake));
  } else {
    ++more_;
  }
}

Mistakes MistakeList::take() && {
  if (more_ > 0) {
    kept_.push_back({"", 0, "", std::to_string(more_) + " more mistakes", ""});
    more_ = 0;
  }
  return std::move(kept_);
}

}  // namespace walpulse::rules
