#include "connector/stream/server_address.h"

#include <libpq-fe.h>

#include <map>
#include <memory>

namespace walpulse::connector {
namespace {

std::string conninfo_value(const std::string& value) {
  std::string text = "'";
  for (const char c : value) {
    if (c == '\'' || c == '\\') text += '\\';
    text += c;
  }
  return text + "'";
}

}  // namespace

std::string with_server(const std::string& dsn, const ServerAddress& server) {
  const std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)> given(
      PQconninfoParse(dsn.c_str(), nullptr), &PQconninfoFree);
  std::map<std::string, std::string> all;
  for (const auto* option = given.get(); option && option->keyword != nullptr; ++option) {
    if (option->val != nullptr) all[option->keyword] = option->val;
  }
  all["host"] = server.host;
  all["hostaddr"] = server.host_address;  // empty: there is none, whatever the environment says
  all["port"] = server.port;
  all["target_session_attrs"] = "any";
  std::string text;
  for (const auto& [keyword, value] : all) {
    text += (text.empty() ? "" : " ") + keyword + "=" + conninfo_value(value);
  }
  return text;
}

}  // namespace walpulse::connector
