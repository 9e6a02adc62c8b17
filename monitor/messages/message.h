#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "decoder/base/result.h"
#include "decoder/base/timestamp.h"
#include "monitor/messages/words.h"
#include "monitor/problems/problem.h"

namespace walpulse::monitor::messages {

/// What a message is about at a glance: the sign that it begins with.
enum class Mood : std::uint8_t { red, green, clock, hourglass, warning, wave };
/// "red_circle", as Slack names the sign.
std::string_view sign_of(Mood mood);

/// A piece of a line. Whatever a channel does with its text, it is a text: nothing in it is markup.
struct Span {
  enum class Style : std::uint8_t { plain, strong, code };
  std::string text;
  Style style = Style::plain;
  bool operator==(const Span&) const = default;
};
using Line = std::vector<Span>;
std::string plain_text(const Line& line);

/// Makes a line. What is of somebody else's making is cleaned.
class Text {
 public:
  /// Words of ours.
  Text& say(std::string_view words) { return add(std::string(words), Span::Style::plain); }
  Text& say_strongly(std::string_view words) {
    return add(std::string(words), Span::Style::strong);
  }
  Text& name(std::string_view name) { return add(cleaned(name), Span::Style::strong); }
  Text& value(std::string_view text, std::size_t length_max = kNameLengthMax) {
    return add(cleaned(text, length_max), Span::Style::plain);
  }
  Text& code(std::string_view text) { return add(cleaned(text), Span::Style::code); }
  bool empty() const { return line_.empty(); }
  Line take() { return std::move(line_); }

 private:
  Text& add(std::string text, Span::Style style);
  Line line_;
};

struct Link {
  std::string text;
  std::string url;
  bool operator==(const Link&) const = default;
};

/// One thing that is told.
struct MessagePart {
  Mood mood = Mood::red;
  Line headline;
  std::vector<Line> lines;
  std::vector<Link> links;
  bool operator==(const MessagePart&) const = default;
};

/// A problem that a message tells of, for receivers that keep incidents of their own.
struct Told {
  std::int64_t problem = 0;
  bool over = false;
  ProblemKind kind = ProblemKind::failing;
  Severity severity = Severity::notify;
  std::string source, subject;  ///< Empty where the channel is not to see names.
  std::string incident;         ///< The same whenever it is this problem: what makes it one.
  bool operator==(const Told&) const = default;
};

/// What is said in one channel at once.
struct Message {
  std::vector<MessagePart> parts;  ///< What matters most comes first.
  std::vector<Told> told;
  Timestamp at = {};   ///< When it was composed.
  std::string thread;  ///< Of Slack: the ts of the message that it answers; empty: none.
  /// Nothing is to be said: whatever began was over before it could be told.
  bool empty() const { return parts.empty(); }
  bool operator==(const Message&) const = default;
};

/// The first headline, and how many more there are: a mail's subject, a telephone's first line.
std::string headline_of(const Message& message);

/// Delivery::content of a message.
std::string to_json(const Message& message);
/// Malformed where it is none of ours.
Result<Message> message_from(std::string_view json);

}  // namespace walpulse::monitor::messages
