#include "monitor/channels/secret.h"

#include <algorithm>
#include <fstream>
#include <functional>
#include <utility>

#include "monitor/messages/words.h"

namespace walpulse::monitor::channels {
namespace {

constexpr std::size_t kSecretBytesMax = 64u << 10;
constexpr std::size_t kSecretBytesMin = 4;
constexpr std::size_t kShownLengthMax = 480;
constexpr std::string_view kWhiteSpace = " \t\r\n";

std::string without_space_around(const std::string& text) {
  const auto first = text.find_first_not_of(kWhiteSpace);
  if (first == std::string::npos) return "";
  return text.substr(first, text.find_last_not_of(kWhiteSpace) - first + 1);
}

Result<std::string> content_of(const Secret& secret, const Environment& environment) {
  if (secret.file.empty()) return value_of(environment, secret.variable.c_str());
  std::ifstream file(secret.file, std::ios::binary);
  std::string text(kSecretBytesMax + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (file.bad() || (!file.eof() && file.gcount() == 0))
    return fail(ErrorKind::unavailable, "the secret's file " + secret.file + " cannot be read",
                "see that it is there, and that this user may read it");
  text.resize(static_cast<std::size_t>(file.gcount()));
  return text;
}

}  // namespace

Result<std::string> read_secret(const Secret& secret, const Environment& environment, bool lines) {
  const std::string where =
      secret.file.empty() ? "the variable " + secret.variable : "the secret's file " + secret.file;
  auto content = content_of(secret, environment);
  if (!content) return content;
  if (content->size() > kSecretBytesMax)
    return fail(ErrorKind::rejected, where + " has more than 64 KiB", "name the right one");
  std::string text = without_space_around(*content);
  if (text.empty()) return fail(ErrorKind::rejected, where + " is empty", "put the secret into it");
  const auto is_odd = [lines](unsigned char c) {
    return (c < ' ' && !(lines && (c == '\n' || c == '\r'))) || c == 0x7F;
  };
  if (std::ranges::any_of(text, is_odd))
    return fail(ErrorKind::rejected,
                where + (lines ? " has control characters" : " has more than one line"),
                "put the secret alone into it");
  return text;
}

void Redaction::add(std::string secret) {
  if (secret.size() < kSecretBytesMin) return;
  secrets_.push_back(std::move(secret));
  // The longest first: one may be a part of another.
  std::ranges::sort(secrets_, std::greater<>(), &std::string::size);
}

void Redaction::add_address(const std::string& url) {
  const std::size_t query = std::min(url.size(), url.find_first_of("?#"));
  const std::size_t host = url.find("://");
  const std::size_t path = host == std::string::npos ? host : url.find('/', host + 3);
  add(url);
  add(url.substr(0, query));
  add(url.substr(query));
  if (path >= query) return;
  add(url.substr(path));
  add(url.substr(path, query - path));
}

std::string Redaction::apply(std::string_view text) const {
  std::string shown(text);
  for (const std::string& secret : secrets_)
    for (auto at = shown.find(secret); at != std::string::npos; at = shown.find(secret, at + 3))
      shown.replace(at, secret.size(), "***");
  return shown.empty() ? shown : messages::cleaned(shown, kShownLengthMax);
}

}  // namespace walpulse::monitor::channels
