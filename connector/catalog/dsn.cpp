#include "connector/catalog/dsn.h"

#include <libpq-fe.h>

#include <memory>
#include <regex>

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

std::string with_connection_defaults(const std::string& dsn, bool environment_has_timeout) {
  std::string result = dsn;
  const auto add = [&](const char* keyword, const char* value) {
    if (names(dsn, keyword)) return;
    if (is_uri(dsn)) {
      result += result.find('?') == std::string::npos ? '?' : '&';
    } else if (!result.empty()) {
      result += ' ';
    }
    result += std::string(keyword) + "=" + value;
  };
  add("fallback_application_name", "walpulse");
  if (!environment_has_timeout) add("connect_timeout", "10");
  // As the replication connection's: a host that died is noticed within half a minute.
  add("keepalives", "1");
  add("keepalives_idle", "10");
  add("keepalives_interval", "5");
  add("keepalives_count", "3");
  add("tcp_user_timeout", "30000");
  add("client_encoding", "UTF8");
  return result;
}

}  // namespace walpulse::connector
