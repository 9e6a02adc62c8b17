#include "monitor/messages/message.h"

#include <array>

namespace walpulse::monitor::messages {

std::string_view sign_of(Mood mood) {
  constexpr std::array<std::string_view, 6> kSigns = {
      "red_circle", "large_green_circle", "clock7", "hourglass", "warning", "wave"};
  return kSigns[static_cast<std::size_t>(mood)];
}

std::string plain_text(const Line& line) {
  std::string text;
  for (const Span& span : line) text += span.text;
  return text;
}

Text& Text::add(std::string text, Span::Style style) {
  if (text.empty()) return *this;
  if (!line_.empty() && line_.back().style == style && style == Span::Style::plain)
    line_.back().text += text;
  else
    line_.push_back({std::move(text), style});
  return *this;
}

std::string headline_of(const Message& message) {
  if (message.parts.empty()) return "";
  std::string text = plain_text(message.parts.front().headline);
  if (const std::size_t more = message.parts.size() - 1; more != 0)
    text += " (and " + std::to_string(more) + " more)";
  return text;
}

}  // namespace walpulse::monitor::messages
