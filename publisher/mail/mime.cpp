#include "publisher/mail/mime.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <chrono>
#include <cstdio>

#include "decoder/base/base64.h"
#include "decoder/base/utf8.h"

namespace walpulse::mail {
namespace {

/// Of an encoded word, so that it stays below 75 characters with its "=?UTF-8?B?" and "?=".
constexpr std::size_t kWordBytesMax = 42;
constexpr std::size_t kSubjectBytesMax = 600;
constexpr std::size_t kBase64LineMax = 76;
constexpr std::size_t kPlainSubjectMax = 60;

bool is_printable(char c) { return c >= ' ' && c <= '~'; }

std::string encoded_word(std::string_view text) {
  std::string word = "=?UTF-8?B?";
  append_base64(text, word);
  return word + "?=";
}

/// Each word holds whole characters.
std::string encoded_words(std::string_view text) {
  std::string words;
  while (!text.empty()) {
    std::size_t size = 0;
    while (size < text.size()) {
      const std::size_t next = std::max<std::size_t>(1, utf8_character(text.substr(size)));
      if (size + next > kWordBytesMax) break;
      size += next;
    }
    words += (words.empty() ? "" : "\r\n ") + encoded_word(text.substr(0, size));
    text.remove_prefix(size);
  }
  return words;
}

std::string subject_header(std::string subject) {
  std::ranges::replace_if(
      subject, [](unsigned char c) { return c < ' ' || c == 0x7F; }, ' ');
  if (subject.size() > kSubjectBytesMax) subject.resize(kSubjectBytesMax);
  subject = utf8_or_replaced(std::move(subject));
  // What looks like an encoded word would be read as one.
  const bool is_plain = std::ranges::all_of(subject, is_printable) &&
                        subject.size() <= kPlainSubjectMax &&
                        subject.find("=?") == std::string::npos;
  return is_plain ? subject : encoded_words(subject);
}

/// "Sat, 28 Nov 2026 10:00:00 +0000"
std::string date_header(Timestamp at) {
  constexpr std::array<const char*, 7> kDays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr std::array<const char*, 12> kMonthNames = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                       "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto day = std::chrono::floor<std::chrono::days>(at);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss time(std::chrono::floor<std::chrono::seconds>(at - day));
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%s, %02u %s %04d %02d:%02d:%02d +0000",
                kDays[std::chrono::weekday(day).c_encoding()], static_cast<unsigned>(date.day()),
                kMonthNames[static_cast<unsigned>(date.month()) - 1], static_cast<int>(date.year()),
                static_cast<int>(time.hours().count()), static_cast<int>(time.minutes().count()),
                static_cast<int>(time.seconds().count()));
  return text.data();
}

/// The left side of a Message-ID: what else is in it becomes a hyphen.
std::string id_text(std::string_view id) {
  std::string text(id.substr(0, 200));
  std::ranges::replace_if(
      text,
      [](unsigned char c) { return std::isalnum(c) == 0 && c != '.' && c != '_' && c != '-'; },
      '-');
  return text.empty() ? "none" : text;
}

std::string body_lines(std::string_view body) {
  std::string with_crlf;
  with_crlf.reserve(body.size() + 64);
  for (const char c : body) {
    if (c == '\n') with_crlf += '\r';
    if (c != '\r') with_crlf += c;
  }
  std::string encoded;
  append_base64(with_crlf, encoded);
  std::string lines;
  for (std::size_t at = 0; at < encoded.size(); at += kBase64LineMax)
    lines += encoded.substr(at, kBase64LineMax) + "\r\n";
  return lines;
}

}  // namespace

bool is_address(std::string_view text) {
  const auto is_fine = [](char c) {
    return c > ' ' && c <= '~' && c != '<' && c != '>' && c != ',';
  };
  const auto at = text.find('@');
  return text.size() <= 254 && at != std::string_view::npos && at != 0 && at + 1 != text.size() &&
         text.find('@', at + 1) == std::string_view::npos && std::ranges::all_of(text, is_fine);
}

std::string mime_text(const Mail& mail) {
  const std::string domain = mail.from.substr(mail.from.find('@') + 1);
  std::string text =
      "Date: " + date_header(mail.date) + "\r\nFrom: walpulse <" + mail.from + ">\r\n";
  text += "To: ";
  for (const std::string& to : mail.to) text += (&to == &mail.to.front() ? "" : ",\r\n ") + to;
  text += "\r\nSubject: " + subject_header(mail.subject) + "\r\n";
  text += "Message-ID: <" + id_text(mail.id) + '@' + domain + ">\r\n";
  // No answer of a machine comes back (RFC 3834).
  text +=
      "Auto-Submitted: auto-generated\r\n"
      "MIME-Version: 1.0\r\n"
      "Content-Type: text/plain; charset=utf-8\r\n"
      "Content-Transfer-Encoding: base64\r\n\r\n";
  return text + body_lines(mail.body);
}

}  // namespace walpulse::mail
