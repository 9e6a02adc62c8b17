#include "monitor/rules/secret_places.h"

#include <algorithm>
#include <array>

#include "monitor/rules/value_readers.h"

namespace walpulse::rules {
namespace {

constexpr std::array<std::string_view, 14> kSecretKeys = {
    "token",    "bot_token",       "secret",      "signing_secret", "password",
    "api_key",  "integration_key", "routing_key", "service_key",    "key",
    "username", "webhook_url",     "user",        "bearer"};
/// A longer part of an address, of letters and digits and nothing else, is taken for a token.
constexpr std::size_t kPlainPartMax = 20;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

bool looks_like_a_token(std::string_view part) {
  return part.size() > kPlainPartMax && std::ranges::any_of(part, is_digit) &&
         std::ranges::all_of(part, [](char c) { return is_digit(c) || is_letter(c); });
}

/// Of the path and what is behind it. A Mage trigger is called by one that ends with its token.
bool holds_a_token(std::string_view rest) {
  if (rest.find("/pipeline_runs/") != rest.npos) return true;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find_first_of("/?&=;#"), rest.size());
    if (looks_like_a_token(rest.substr(0, end))) return true;
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return false;
}

/// Addresses of which the path is the secret.
bool is_secret_host(std::string_view host) {
  return host.starts_with("hooks.slack.com") || host.find(".webhook.office.com") != host.npos ||
         host.starts_with("hc-ping.com");
}

tl::unexpected<Error> refuse_secret(const std::string& why) {
  return fail(ErrorKind::malformed, why);
}

}  // namespace

Result<std::string> read_secret_file(const Node& node) {
  const auto text = read_text(node);
  if (!text) return refuse_secret("is not the path of a file, in quotes");
  if (!text->starts_with('/')) {
    return refuse_secret("is to be the whole path of a file, from / on: the secret stands in it");
  }
  return text;
}

Result<std::string> read_secret_env(const Node& node) {
  const auto text = read_text(node);
  const bool named =
      text && !is_digit(text->front()) && text->size() <= 128 &&
      std::ranges::all_of(*text, [](char c) { return is_digit(c) || is_letter(c) || c == '_'; });
  if (!named) {
    return refuse_secret("is to be the name of a variable of the environment (letters, digits, _)");
  }
  return text;
}

Result<std::string> read_open_address(const Node& node) {
  auto text = read_text(node);
  if (!text) return text;
  const std::size_t scheme = text->starts_with("https://")  ? 8
                             : text->starts_with("http://") ? 7
                                                            : std::string::npos;
  if (scheme == std::string::npos || text->size() == scheme ||
      text->find_first_of(" {}\"") != std::string::npos) {
    return refuse_secret("is not an address (https://...)");
  }
  const std::string_view behind = std::string_view(*text).substr(scheme);
  const std::string_view host = behind.substr(0, behind.find_first_of("/?#"));
  if (host.empty()) return refuse_secret("is not an address (https://...)");
  if (host.find('@') != host.npos || is_secret_host(host) ||
      holds_a_token(behind.substr(host.size()))) {
    return refuse_secret(
        "has a secret in clear: write the address into a file and name that as url_file, or a "
        "variable as url_env");
  }
  return text;
}

bool is_secret_key(std::string_view key) { return std::ranges::count(kSecretKeys, key) > 0; }

Result<void> keeps_secrets(const std::string& url) {
  constexpr std::string_view kClear = "http://";
  if (url.starts_with("https://")) return {};
  if (!url.starts_with(kClear)) return fail(ErrorKind::rejected, "the address is no https:// URL");
  const std::string rest = url.substr(kClear.size());
  const std::string authority = rest.substr(0, rest.find_first_of("/?#"));
  // Whatever else stands in it (NAME@, a backslash) makes it the address of no loopback.
  const std::string host =
      authority.starts_with("[::1]") ? "[::1]" : authority.substr(0, authority.find(':'));
  const std::string port = authority.substr(host.size());
  const bool is_ipv4_loopback =
      host.starts_with("127.") && host.find_first_not_of("0123456789.") == std::string::npos;
  if ((host == "localhost" || host == "[::1]" || is_ipv4_loopback) &&
      port.find_first_not_of(":0123456789") == std::string::npos)
    return {};
  return fail(ErrorKind::rejected, "the address is http://, which carries secrets in the clear",
              "give an https:// address; http:// is for this machine (localhost) alone");
}

}  // namespace walpulse::rules
