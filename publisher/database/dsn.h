#pragma once

#include <span>
#include <string>
#include <string_view>

#include "decoder/base/environment.h"
#include "decoder/base/result.h"

namespace walpulse::database {

/// Whether libpq can read it: well-formed, with keywords that it knows. "" is.
bool is_connection_string(const std::string& dsn);

/// A libpq connection string is a URI ("postgresql://...") or keyword=value pairs.
bool is_uri(std::string_view dsn);

/// Whether it carries a password (userinfo or the keywords password, sslpassword).
bool holds_password(std::string_view dsn);

struct Keyword {
  const char* name;
  const char* value;  ///< Needs no quotes, neither here nor in a URI.
};
/// The dsn with this keyword's value, whatever it said of it: libpq takes the last one.
std::string with_keyword(const std::string& dsn, const Keyword& keyword);
/// Adds the keywords that the dsn does not name.
std::string with_keywords(const std::string& dsn, std::span<const Keyword> keywords);

/// For a login by a token that stands in the password file at `path`: adds that file, and TLS where
/// the server is not on this machine (Cloud SQL's Auth Proxy is). Rejected where another password
/// would be sent instead, or the token could be sent in the clear.
Result<std::string> with_password_file(const std::string& dsn, const std::string& path,
                                       const Environment& environment);

/// What becomes of a connection, whoever asks for it.
enum class Answer {
  none,    ///< Nobody answers there.
  nobody,  ///< The server lets nobody in: it starts up, shuts down or recovers (57P03).
  server,  ///< One that lets roles in; perhaps not this one, for want of a right or of room.
};
/// Blocks up to the connect timeout.
Answer answer_of(const std::string& dsn);
/// Whether it is Answer::nobody.
bool lets_nobody_in(const std::string& dsn);

/// Adds what every session of ours wants where the dsn does not say otherwise: an application name,
/// a connect timeout of 10 s (unless the environment has one), TCP keepalives that notice a dead
/// host within half a minute, and text in UTF-8. Whatever the dsn, or a service file, says of
/// replication is overruled: it is an ordinary session.
std::string with_connection_defaults(const std::string& dsn, bool environment_has_timeout);

}  // namespace walpulse::database
