#include "connector/stream/connection_parameters.h"

#include <libpq-fe.h>

#include <cstdlib>
#include <memory>

namespace walpulse::connector {

Result<std::map<std::string, std::string>> connection_parameters(const std::string& dsn) {
  char* problem = nullptr;
  const std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)> given(
      PQconninfoParse(dsn.c_str(), &problem), &PQconninfoFree);
  const std::unique_ptr<char, decltype(&PQfreemem)> owned_problem(problem, &PQfreemem);
  if (!given) return fail(ErrorKind::rejected, "dsn is not a connection string");
  std::map<std::string, std::string> all = {{"fallback_application_name", "walpulse"},
                                            {"keepalives", "1"},
                                            {"keepalives_idle", "10"},
                                            {"keepalives_interval", "5"},
                                            {"keepalives_count", "3"},
                                            {"tcp_user_timeout", "30000"}};
  if (std::getenv("PGCONNECT_TIMEOUT") == nullptr) all["connect_timeout"] = "10";
  for (const auto* option = given.get(); option->keyword != nullptr; ++option) {
    if (option->val != nullptr) all[option->keyword] = option->val;
  }
  all["replication"] = "database";
  return all;
}

}  // namespace walpulse::connector
