#include "monitor/messages/formats.h"

namespace walpulse::monitor::messages {
namespace {

std::string_view word_of(Mood mood) {
  switch (mood) {
    case Mood::green:
      return "[fine] ";
    case Mood::wave:
      return "";
    case Mood::red:
    case Mood::clock:
    case Mood::hourglass:
    case Mood::warning:
      break;
  }
  return "[problem] ";
}

}  // namespace

MailText mail_text(const Message& message) {
  MailText mail;
  if (message.parts.empty()) return mail;
  mail.subject = std::string(word_of(message.parts.front().mood)) + headline_of(message);
  for (const MessagePart& part : message.parts) {
    if (!mail.body.empty()) mail.body += '\n';
    mail.body += plain_text(part.headline) + '\n';
    for (const Line& line : part.lines) mail.body += plain_text(line) + '\n';
    for (const Link& link : part.links) mail.body += "  " + link.text + ": " + link.url + '\n';
  }
  return mail;
}

}  // namespace walpulse::monitor::messages
