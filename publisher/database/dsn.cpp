#include "publisher/database/dsn.h"

#include <libpq-fe.h>

#include <cstdlib>
#include <memory>
#include <vector>

#include "decoder/base/pattern.h"

namespace walpulse::database {
namespace {

/// user:password@ of a URI.
const Pattern& userinfo() {
  static const Pattern pattern("//[^/@:?]*:[^/@?]*@");
  return pattern;
}

/// A keyword whose name ends in "password", and the beginning of its value.
const Pattern& password_keyword() {
  static const Pattern pattern(
      "[pP][aA][sS][sS][wW][oO][rR][dD][[:space:]]*=[[:space:]]*[^[:space:]&]");
  return pattern;
}

/// What the dsn gives the keyword, or the variable does; empty where neither.
std::string setting(const std::string& dsn, const std::string& keyword, const char* variable,
                    const Environment& environment) {
  const std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)> parsed(
      PQconninfoParse(dsn.c_str(), nullptr), &PQconninfoFree);
  for (const auto* option = parsed.get(); option && option->keyword != nullptr; ++option) {
    if (option->keyword == keyword && option->val != nullptr) return option->val;
  }
  return value_of(environment, variable);
}

/// A Unix socket's folder, or this machine; of several, all must be.
bool is_here(std::string hosts) {
  hosts += ',';
  for (std::size_t begin = 0, end = 0; (end = hosts.find(',', begin)) != std::string::npos;
       begin = end + 1) {
    const std::string host = hosts.substr(begin, end - begin);
    const bool here = host.empty() || host[0] == '/' || host[0] == '@' || host == "localhost" ||
                      host == "::1" || host.starts_with("127.");
    if (!here) return false;
  }
  return true;
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
  return (is_uri(dsn) && userinfo().is_in(dsn)) || password_keyword().is_in(dsn);
}

std::string with_keyword(const std::string& dsn, const Keyword& keyword) {
  std::string result = dsn;
  const bool uri = is_uri(dsn);
  if (uri) {
    result += result.find('?') == std::string::npos ? '?' : '&';
  } else if (!result.empty()) {
    result += ' ';
  }
  const bool empty = *keyword.value == '\0';
  return result + keyword.name + "=" + (empty && !uri ? "''" : keyword.value);
}

std::string with_keywords(const std::string& dsn, std::span<const Keyword> keywords) {
  std::string result = dsn;
  for (const Keyword& keyword : keywords)
    if (!names(dsn, keyword.name)) result = with_keyword(result, keyword);
  return result;
}

Result<std::string> with_password_file(const std::string& dsn, const std::string& path,
                                       const Environment& environment) {
  if (!setting(dsn, "password", "PGPASSWORD", environment).empty()) {
    return fail(ErrorKind::rejected, "a password is set, which would be sent in place of the token",
                "take it out of the dsn, and unset PGPASSWORD");
  }
  if (names(dsn, "passfile")) {
    return fail(ErrorKind::rejected, "the dsn names a passfile", "take it out");
  }
  // Where a service leads is not known here.
  const bool here = setting(dsn, "service", "PGSERVICE", environment).empty() &&
                    is_here(setting(dsn, "host", "PGHOST", environment)) &&
                    is_here(setting(dsn, "hostaddr", "PGHOSTADDR", environment));
  const std::string sslmode = setting(dsn, "sslmode", "PGSSLMODE", environment);
  if (!here && (sslmode == "disable" || sslmode == "allow" || sslmode == "prefer")) {
    return fail(ErrorKind::rejected,
                "with sslmode=" + sslmode + " the token could be sent in the clear",
                "use sslmode=require, or the Auth Proxy on this machine");
  }
  const bool add_tls = !here && sslmode.empty();
  const Keyword keywords[] = {{"passfile", path.c_str()}, {"sslmode", "require"}};
  return with_keywords(dsn, std::span(keywords, add_tls ? 2 : 1));
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
  // The stream asks for its own: a session like this one is refused each statement but a few.
  // Empty it is not sent: PgBouncer 1.18 refuses whoever names it, whatever the value.
  return with_keyword(with_keywords(dsn, keywords), {"replication", ""});
}

Answer answer_of(const std::string& dsn) {
  const auto conninfo = with_connection_defaults(dsn, std::getenv("PGCONNECT_TIMEOUT") != nullptr);
  switch (PQping(conninfo.c_str())) {
    case PQPING_OK:
      return Answer::server;
    case PQPING_REJECT:
      return Answer::nobody;
    default:
      return Answer::none;
  }
}

bool lets_nobody_in(const std::string& dsn) { return answer_of(dsn) == Answer::nobody; }

}  // namespace walpulse::database
