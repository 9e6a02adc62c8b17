#include <algorithm>
#include <cctype>
#include <nlohmann/json.hpp>

#include "decoder/base/json_dom.h"
#include "monitor/messages/formats.h"

namespace walpulse::monitor::messages {
namespace {

using Json = nlohmann::ordered_json;

/// Slack refuses more (https://docs.slack.dev/reference/block-kit/blocks/section-block).
constexpr std::size_t kSectionLengthMax = 3'000;
constexpr std::size_t kSlackLinkBytesMax = 600;
constexpr std::string_view kWordJoiner = "\u2060";

bool is_word(unsigned char c) { return std::isalnum(c) != 0 || c == '_' || c >= 0x80; }

/// '*' and its like are markup at the edge of a word only: within one, as in daily_sales, they are
/// left alone so that the name can be copied.
bool is_markup(std::string_view text, std::size_t at) {
  const char c = text[at];
  if (c != '*' && c != '_' && c != '~') return false;
  const bool within = at > 0 && at + 1 < text.size() &&
                      is_word(static_cast<unsigned char>(text[at - 1])) &&
                      is_word(static_cast<unsigned char>(text[at + 1]));
  return !within;
}

std::string slack_link(const Link& link) {
  // A bar ends the address, and so does the bracket.
  std::string url;
  for (const char c : link.url) {
    if (c == '|')
      url += "%7C";
    else if (c == '<')
      url += "%3C";
    else if (c == '>')
      url += "%3E";
    else if (c == '&')
      url += "&amp;";
    else if (static_cast<unsigned char>(c) <= ' ')
      url += "%20";
    else
      url += c;
  }
  if (url.size() > kSlackLinkBytesMax) return "";
  return '<' + url + '|' + slack_escaped(link.text) + '>';
}

std::string slack_line(const Line& line) {
  std::string text;
  for (const Span& span : line) {
    const char* mark = span.style == Span::Style::strong ? "*"
                       : span.style == Span::Style::code ? "`"
                                                         : "";
    text += mark + slack_escaped(span.text) + mark;
  }
  return text;
}

std::size_t length_of(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(
      text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

/// Whole links and lines, as long as there is room: nothing is cut within an escape. A headline
/// alone is well below the limit.
std::string slack_section(const MessagePart& part) {
  std::string text = ':' + std::string(sign_of(part.mood)) + ": " + slack_line(part.headline);
  std::size_t room = kSectionLengthMax - std::min(length_of(text), kSectionLengthMax);
  const auto fits = [&room](const std::string& more) {
    const std::size_t length = length_of(more);
    if (more.empty() || length > room) return false;
    room -= length;
    return true;
  };
  std::string links;
  for (const Link& link : part.links) {
    const std::string one = slack_link(link);
    if (!one.empty() && fits("  " + one)) links += (links.empty() ? "\n" : "  ") + one;
  }
  for (const Line& line : part.lines)
    if (const std::string more = '\n' + slack_line(line); fits(more)) text += more;
  return text + links;
}

}  // namespace

std::string slack_escaped(std::string_view text) {
  std::string escaped;
  escaped.reserve(text.size());
  for (std::size_t at = 0; at < text.size(); ++at) {
    switch (text[at]) {
      case '&':
        escaped += "&amp;";
        break;
      case '<':
        escaped += "&lt;";
        break;
      case '>':
        escaped += "&gt;";
        break;
      case '`':
        escaped += '\'';  // it would end a piece of code
        break;
      case '@':
      case '#':
        // Nobody called "here" is called by a name; `verbatim` alone is not heeded everywhere.
        escaped += text[at];
        if (at == 0 || !is_word(static_cast<unsigned char>(text[at - 1]))) escaped += kWordJoiner;
        break;
      default:
        if (is_markup(text, at)) escaped += kWordJoiner;
        escaped += text[at];
        if (is_markup(text, at)) escaped += kWordJoiner;
    }
  }
  return escaped;
}

std::string slack_body(const Message& message, const SlackPlace& place) {
  Json body;
  if (!place.channel.empty()) body["channel"] = place.channel;
  if (!place.thread.empty()) body["thread_ts"] = place.thread;
  std::string first = message.parts.empty() ? "" : slack_escaped(headline_of(message));
  if (!message.parts.empty())
    first = ':' + std::string(sign_of(message.parts.front().mood)) + ": " + first;
  body["text"] = first;
  body["blocks"] = Json::array();
  for (const MessagePart& part : message.parts)
    body["blocks"].push_back(
        {{"type", "section"},
         {"text", {{"type", "mrkdwn"}, {"text", slack_section(part)}, {"verbatim", true}}}});
  body["unfurl_links"] = false;
  body["unfurl_media"] = false;
  return dump_json(body);
}

}  // namespace walpulse::monitor::messages
