#include "publisher/database/dsn_parts.h"

#include <libpq-fe.h>

#include <algorithm>
#include <memory>

namespace walpulse::database {
namespace {

/// What is named, secrets left out (libpq marks them with an asterisk).
std::vector<DsnValue> parts(const std::string& dsn) {
  const std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)> parsed(
      PQconninfoParse(dsn.c_str(), nullptr), &PQconninfoFree);
  std::vector<DsnValue> found;
  for (const auto* option = parsed.get(); option && option->keyword != nullptr; ++option) {
    const bool secret = option->dispchar != nullptr && option->dispchar[0] == '*';
    if (option->val != nullptr && !secret) found.push_back({option->keyword, option->val});
  }
  return found;
}

/// As libpq reads it back (conninfo_parse).
std::string quoted(const std::string& value) {
  if (!value.empty() && value.find_first_of(" \t\n\r\v\f'\\") == value.npos) return value;
  std::string text = "'";
  for (const char c : value) {
    if (c == '\'' || c == '\\') text += '\\';
    text += c;
  }
  return text + "'";
}

std::size_t rank(const DsnValue& one) {
  static const std::vector<std::string> first{"host", "port", "dbname", "user"};
  return static_cast<std::size_t>(std::find(first.begin(), first.end(), one.keyword) -
                                  first.begin());
}

/// As ~/.pgpass wants it.
std::string escaped(const std::string& field) {
  std::string text;
  for (const char c : field) {
    if (c == ':' || c == '\\') text += '\\';
    text += c;
  }
  return text;
}

}  // namespace

std::string dsn_value(const std::string& dsn, const std::string& keyword) {
  for (const DsnValue& one : parts(dsn)) {
    if (one.keyword == keyword) return one.value;
  }
  return "";
}

std::string shown_dsn(const std::string& dsn, const std::vector<DsnValue>& changes) {
  std::vector<DsnValue> all = parts(dsn);
  for (const DsnValue& change : changes) {
    std::erase_if(all, [&](const DsnValue& one) { return one.keyword == change.keyword; });
    if (!change.value.empty()) all.push_back(change);
  }
  std::ranges::stable_sort(all, {}, rank);
  std::string text;
  for (const DsnValue& one : all)
    text += (text.empty() ? "" : " ") + one.keyword + "=" + quoted(one.value);
  return text;
}

std::string password_file_line(const std::string& dsn, const std::string& role) {
  // Of several hosts any; libpq itself calls its own socket's folder localhost.
  const auto field = [](const std::string& value, const char* otherwise) {
    if (value.find(',') != value.npos) return std::string("*");
    return escaped(value.empty() ? otherwise : value);
  };
  std::string host = dsn_value(dsn, "host");
  if (host.empty()) host = dsn_value(dsn, "hostaddr");
  if (host == "/var/run/postgresql" || host == "/tmp") host = "localhost";
  return field(host, "HOST") + ":" + field(dsn_value(dsn, "port"), "5432") + ":" +
         field(dsn_value(dsn, "dbname"), "DATABASE") + ":" + escaped(role) + ":PASSWORD";
}

}  // namespace walpulse::database
