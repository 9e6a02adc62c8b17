#include "monitor/messages/words.h"

#include <algorithm>
#include <array>
#include <utility>

#include "decoder/base/utf8.h"

namespace walpulse::monitor::messages {
namespace {

/// The code point of a well-formed character.
char32_t code_point(std::string_view character) {
  const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(character[at]); };
  constexpr std::array<unsigned, 5> kFirstBits = {0, 0x7F, 0x1F, 0x0F, 0x07};
  char32_t point = byte(0) & kFirstBits[character.size()];
  for (std::size_t at = 1; at < character.size(); ++at) point = (point << 6) | (byte(at) & 0x3F);
  return point;
}

bool is_space_or_control(char32_t point) {
  return point <= 0x20 || (point >= 0x7F && point <= 0xA0) || point == 0x2028 || point == 0x2029;
}

/// What is not seen, and what turns the direction of writing (Unicode, UAX 9): a name that holds it
/// looks like another.
bool is_unseen(char32_t point) {
  return point == 0xAD || point == 0x61C || (point >= 0x200B && point <= 0x200F) ||
         (point >= 0x202A && point <= 0x202E) || (point >= 0x2060 && point <= 0x206F) ||
         point == 0xFEFF || (point >= 0xFFF9 && point <= 0xFFFB) ||
         (point >= 0xE0000 && point <= 0xE0FFF);
}

}  // namespace

std::string cleaned(std::string_view text, std::size_t length_max) {
  // What is behind is cut off anyway: a huge text costs no more than a long one.
  const std::string whole = utf8_or_replaced(std::string(text.substr(0, 16 * length_max + 64)));
  std::string out;
  std::size_t length = 0;
  bool space = false;
  for (std::string_view rest = whole; !rest.empty();) {
    const std::string_view character =
        rest.substr(0, std::max<std::size_t>(1, utf8_character(rest)));
    rest.remove_prefix(character.size());
    const char32_t point = code_point(character);
    if (is_unseen(point)) continue;
    if (is_space_or_control(point)) {
      space = !out.empty();
      continue;
    }
    if (length + (space ? 1 : 0) >= length_max) return out + "...";
    if (std::exchange(space, false)) {
      out += ' ';
      ++length;
    }
    out += character;
    ++length;
  }
  return out.empty() ? "(no name)" : out;
}

std::string lasted(std::chrono::microseconds duration) {
  const auto seconds =
      std::max<std::int64_t>(0, std::chrono::duration_cast<std::chrono::seconds>(duration).count());
  const auto two = [](std::int64_t high, const char* unit, std::int64_t low, const char* below) {
    std::string text = std::to_string(high) + ' ' + unit;
    if (low != 0) text += ' ' + std::to_string(low) + ' ' + below;
    return text;
  };
  if (seconds < 60) return std::to_string(seconds) + " s";
  const std::int64_t minutes = seconds / 60;
  // Of a few minutes the seconds matter.
  if (minutes < 3) return two(minutes, "min", seconds % 60, "s");
  if (minutes < 60) return std::to_string(minutes) + " min";
  if (minutes < 24 * 60) return two(minutes / 60, "h", minutes % 60, "min");
  return two(minutes / (24 * 60), "d", minutes / 60 % 24, "h");
}

std::string ordinal(std::uint64_t number) {
  constexpr std::array<const char*, 4> kEndings = {"th", "st", "nd", "rd"};
  const bool teens = number % 100 >= 11 && number % 100 <= 13;
  return std::to_string(number) + kEndings[teens || number % 10 > 3 ? 0 : number % 10];
}

std::string counted(std::uint64_t number, std::string_view noun) {
  std::string text = std::to_string(number) + ' ';
  text += noun;
  if (number != 1) text += 's';
  return text;
}

std::string named(std::span<const std::string> names, std::size_t count_max) {
  std::string text;
  for (const std::string& name : names.first(std::min(names.size(), count_max)))
    text += (text.empty() ? "" : ", ") + cleaned(name, 60);
  if (names.size() > count_max) text += ", ... (" + std::to_string(names.size()) + ')';
  return text;
}

}  // namespace walpulse::monitor::messages
