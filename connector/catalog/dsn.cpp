#include "connector/catalog/dsn.h"

#include <libpq-fe.h>

#include <memory>
#include <regex>
#include <vector>

namespace walpulse::connector {
namespace {

// user:password@ of a URI; a keyword whose name ends in "password" with its value, quoted or bare.
const std::regex& userinfo() {
  static const std::regex pattern(R"((//[^/@:?]*):([^/@?]*)@)");
  return pattern;
}

const std::regex& password_keyword() {
  static const std::regex pattern(R"((password\s*=\s*)('(?:[^'\\]|\\.)*'|[^\s&]+))",
                                  std::regex::icase);
  return pattern;
}

bool names(const std::string& dsn, const char* keyword) {
  return dsn.find(std::string(keyword) + "=") != std::string::npos ||
         dsn.find(std::string(keyword) + " =") != std::string::npos;
}

}  // namespace

bool is_connection_string(const std::string& dsn) {
  // libpq's own reason is left unread: it repeats pieces of the text.
  const std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)> parsed(
      PQconninfoParse(dsn.c_str(), nullptr), &PQconninfoFree);
  return parsed != nullptr;
}

bool is_uri(std::string_view dsn) {
  return dsn.starts_with("postgresql://") || dsn.starts_with("postgres://");
}

bool holds_password(std::string_view dsn) {
  const std::string text(dsn);
  return (is_uri(dsn) && std::regex_search(text, userinfo())) ||
         std::regex_search(text, password_keyword());
}

std::string with_keywords(const std::string& dsn, std::span<const Keyword> keywords) {
  std::string result = dsn;
  for (const Keyword& keyword : keywords) {
    if (names(dsn, keyword.name)) continue;
    if (is_uri(dsn)) {
      result += result.find('?') == std::string::npos ? '?' : '&';
    } else if (!result.empty()) {
      result += ' ';
    }
    result += std::string(keyword.name) + "=" + keyword.value;
  }
  return result;
}

std::string with_connection_defaults(const std::string& dsn, bool environment_has_timeout) {
  std::vector<Keyword> keywords{{"fallback_application_name", "walpulse"}};
  if (!environment_has_timeout) keywords.push_back({"connect_timeout", "10"});
  // As the replication connection's: a host that died is noticed within half a minute.
  keywords.insert(keywords.end(), {{"keepalives", "1"},
                                   {"keepalives_idle", "10"},
                                   {"keepalives_interval", "5"},
                                   {"keepalives_count", "3"},
                                   {"tcp_user_timeout", "30000"},
                                   {"client_encoding", "UTF8"}});
  return with_keywords(dsn, keywords);
}

}  // namespace walpulse::connector
