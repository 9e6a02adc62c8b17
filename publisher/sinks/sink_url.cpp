#include "publisher/sinks/sink_url.h"

#include <algorithm>
#include <charconv>
#include <cstdint>

namespace walpulse::publisher {
namespace {

constexpr const char* kTopicExample = "for example pubsub://my-project/mage-runs";
constexpr const char* kPushExample = "for example http://127.0.0.1:8080/push";

bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return is_lower(c) || (c >= 'A' && c <= 'Z'); }

/// 6 to 30 lower-case letters, digits and hyphens; old ones carry a domain ("example.com:project").
bool is_project(std::string_view text) {
  const std::size_t colon = text.find(':');
  if (colon != std::string_view::npos) {
    const std::string_view domain = text.substr(0, colon);
    const bool fine = !domain.empty() && std::all_of(domain.begin(), domain.end(), [](char c) {
      return is_lower(c) || is_digit(c) || c == '.' || c == '-';
    });
    if (!fine) return false;
    text.remove_prefix(colon + 1);
  }
  return text.size() >= 6 && text.size() <= 30 && is_lower(text.front()) && text.back() != '-' &&
         std::all_of(text.begin(), text.end(),
                     [](char c) { return is_lower(c) || is_digit(c) || c == '-'; });
}

bool is_topic(std::string_view text) {
  constexpr std::string_view kOthers = "-_.~+%";
  return text.size() >= 3 && text.size() <= 255 && is_letter(text.front()) &&
         text.substr(0, 4) != "goog" && std::all_of(text.begin(), text.end(), [&](char c) {
           return is_letter(c) || is_digit(c) || kOthers.find(c) != std::string_view::npos;
         });
}

bool is_port(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  return error == std::errc() && end == text.data() + text.size() && port != 0;
}

/// "host", "host:port", "[::1]", "[::1]:port".
bool is_authority(std::string_view text) {
  if (!text.empty() && text.front() == '[') {
    const std::size_t close = text.find(']');
    if (close == std::string_view::npos || close == 1) return false;
    const std::string_view rest = text.substr(close + 1);
    return rest.empty() || (rest.front() == ':' && is_port(rest.substr(1)));
  }
  const std::size_t colon = text.find(':');
  if (colon == 0 || text.empty()) return false;
  return colon == std::string_view::npos || is_port(text.substr(colon + 1));
}

/// For a message: a query may hold a token, so it is left out.
std::string quoted(std::string_view text) {
  return '"' + std::string(text.substr(0, text.find('?'))) + '"';
}

}  // namespace

Result<std::string> parse_topic_url(std::string_view url) {
  constexpr std::string_view kScheme = "pubsub://";
  const std::string_view rest = url.substr(std::min(url.size(), kScheme.size()));
  const std::size_t slash = rest.find('/');
  if (url.substr(0, kScheme.size()) != kScheme || slash == std::string_view::npos) {
    return fail(ErrorKind::rejected, quoted(url) + " is not pubsub://PROJECT/TOPIC", kTopicExample);
  }
  const std::string_view project = rest.substr(0, slash);
  const std::string_view topic = rest.substr(slash + 1);
  if (!is_project(project)) {
    return fail(ErrorKind::rejected,
                quoted(project) +
                    " is no project id (6 to 30 lower-case letters, digits and '-', a "
                    "letter first)",
                kTopicExample);
  }
  if (!is_topic(topic)) {
    return fail(ErrorKind::rejected,
                quoted(topic) +
                    " is no topic id (3 to 255 letters, digits and \"-_.~+%\", a letter "
                    "first, not \"goog\")",
                kTopicExample);
  }
  return "projects/" + std::string(project) + "/topics/" + std::string(topic);
}

Result<std::string> parse_push_url(std::string_view url) {
  const std::size_t scheme_end = url.find("://");
  const std::string_view scheme = url.substr(0, scheme_end);
  if (scheme_end == std::string_view::npos || (scheme != "http" && scheme != "https")) {
    return fail(ErrorKind::rejected, quoted(url) + " is no http(s) URL", kPushExample);
  }
  const std::string_view rest = url.substr(scheme_end + 3);
  const std::size_t path = std::min(rest.find_first_of("/?#"), rest.size());
  const std::string_view authority = rest.substr(0, path);
  if (authority.find('@') != std::string_view::npos) {
    return fail(ErrorKind::rejected, "a push URL must not hold credentials", kPushExample);
  }
  const bool plain =
      std::all_of(url.begin(), url.end(), [](char c) { return c > ' ' && c < 0x7f; });
  if (!plain || !is_authority(authority) || rest.find('#') != std::string_view::npos) {
    return fail(ErrorKind::rejected, quoted(url) + " is not http(s)://host[:port][/path]",
                kPushExample);
  }
  return std::string(url);
}

}  // namespace walpulse::publisher
