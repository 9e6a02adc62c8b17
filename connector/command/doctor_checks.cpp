// The order of all checks, and those of the login, the connection and the sink.
#include "connector/command/doctor_checks.h"
#include "publisher/database/dsn.h"

namespace walpulse::connector {
namespace {

std::string as(const std::string& identity) { return identity.empty() ? "" : " from " + identity; }

Check check_login(const DoctorFacts& facts) {
  if (!*facts.login) return doctor::failed("login", facts.login->error());
  if (facts.login_scope_error) return doctor::failed("login", *facts.login_scope_error);
  return {"login", Check::Level::ok, "logging in as " + **facts.login, "", false};
}

Check check_sink(const DoctorFacts& facts) {
  if (facts.sink_error) return doctor::failed("sink", *facts.sink_error);
  return {"sink", Check::Level::ok, facts.sink + " takes messages" + as(facts.sink_identity), "",
          false};
}

}  // namespace

std::vector<Check> check_all(const DoctorFacts& facts) {
  std::vector<Check> checks;
  if (facts.login) checks.push_back(check_login(facts));
  if (facts.connection_error) {
    checks.push_back(doctor::failed("connection", *facts.connection_error,
                                    facts.login
                                        ? database::iam_login_remedy()
                                        : "--dsn 'host=HOST port=5432 dbname=DATABASE user=ROLE' "
                                          "(password: PGPASSWORD or PGPASSFILE)"));
  } else if (!facts.login || *facts.login) {
    check_server(facts, checks);
    check_capture(facts, checks);
    check_failover(facts, checks);
  }
  if (!facts.sink.empty()) checks.push_back(check_sink(facts));
  return checks;
}

}  // namespace walpulse::connector
