// The order of all checks, and those of the login, the connection and the sink.
#include <algorithm>
#include <utility>

#include "connector/command/doctor_checks.h"
#include "publisher/config/nearest.h"
#include "publisher/database/cloud_sql.h"
#include "publisher/database/dsn_parts.h"

namespace walpulse::connector {
namespace {

std::string as(const std::string& identity) { return identity.empty() ? "" : " from " + identity; }

Check check_login(const DoctorFacts& facts) {
  if (!*facts.login) return doctor::failed("login", facts.login->error());
  if (facts.login_scope_error) return doctor::failed("login", *facts.login_scope_error);
  return {"login", Check::Level::ok, "logging in as " + **facts.login};
}

/// Nobody listens at a push sink of this machine: the monitor is not there.
std::string sink_remedy(const DoctorFacts& facts) {
  if (facts.sink_error->kind != ErrorKind::unavailable) return {};
  for (const std::string_view here : {"http://127.0.0.1:", "http://localhost:", "http://[::1]:"}) {
    if (!facts.to.starts_with(here)) continue;
    const std::string_view rest = std::string_view(facts.to).substr(here.size());
    const auto port = rest.substr(0, rest.find_first_not_of("0123456789"));
    return "walpulse-monitor serve --http-port " + std::string(port);
  }
  return {};
}

Check check_sink(const DoctorFacts& facts) {
  if (facts.sink_error) return doctor::failed("sink", *facts.sink_error, sink_remedy(facts));
  return {"sink", Check::Level::ok, facts.sink + " takes messages" + as(facts.sink_identity)};
}

/// The dsn with what it lacks in capitals.
std::string elsewhere(const DoctorFacts& facts, const char* host) {
  std::vector<database::DsnValue> changes{{"host", host}};
  const auto fill = [&](const char* keyword, const std::string& value) {
    if (database::dsn_value(facts.source.dsn, keyword).empty()) changes.push_back({keyword, value});
  };
  fill("dbname", facts.server.database.empty() ? "DATABASE" : facts.server.database);
  fill("user", facts.role.name.empty() ? "walpulse" : facts.role.name);
  return RemedyCommand(Command::doctor, given_options(facts))
      .with("dsn", database::shown_dsn(facts.source.dsn, changes))
      .text();
}

/// The role is let in elsewhere on the server, where the wanted database is not known.
bool is_no_database(const DoctorFacts& facts) {
  return !facts.databases.empty() &&
         std::ranges::find(facts.databases, database::dsn_value(facts.source.dsn, "dbname")) ==
             facts.databases.end();
}

/// A server that answers, but not to this role: there is none, or not with this password, or not
/// in this database.
Check check_connection(const DoctorFacts& facts) {
  Check check = doctor::failed("connection", *facts.connection_error);
  if (!check.remedy.empty()) return check;
  if (facts.login) {
    check.remedy = database::iam_login_command(facts.source.dsn);
  } else if (facts.answer == database::Answer::none) {
    check.finding += "; nobody answers there";
    check.remedy = elsewhere(facts, "HOST");
  } else if (is_no_database(facts)) {
    const auto others = other_databases(facts);
    check.finding += "; this server has " + doctor::joined(others);
    check.remedy = in_database(facts, others.front());
  } else if (facts.answer == database::Answer::server) {
    const std::string role = capture_role(facts.source);
    check.finding += "; where there is no role " + role +
                     " yet, this makes it; where there is, its password goes to ~/.pgpass: " +
                     database::password_file_line(facts.source.dsn, role);
    check.remedy = script_command(given_options(facts));
  }
  return check;
}

/// The capture role's own checks are done all the same.
Check check_admin(const DoctorFacts& facts) {
  return doctor::failed(
      "admin", *facts.admin_error,
      RemedyCommand(Command::doctor, given_options(facts))
          .as_owner_only(facts.table ? facts.table->owner : "OWNER", facts.server.database)
          .text());
}

/// Of the publication where there is one, which may be another than the table's.
std::string owner(const DoctorFacts& facts) {
  if (facts.publication) return facts.publication->owner;
  return facts.table ? facts.table->owner : "OWNER";
}

std::string as_owner(const DoctorFacts& facts, RemedyCommand command) {
  const bool may = facts.role.superuser || facts.role.name == owner(facts);
  if (!may) command.as_owner(owner(facts), facts.server.database);
  return command.text();
}

}  // namespace

GivenOptions given_options(const DoctorFacts& facts) {
  return {facts.source, facts.window, facts.to, facts.push_audience, facts.cloud_sql_iam};
}

std::string setup_remedy(const DoctorFacts& facts) {
  return as_owner(facts, RemedyCommand(Command::setup, given_options(facts)));
}

std::string recover_remedy(const DoctorFacts& facts) {
  return as_owner(facts, RemedyCommand(Command::recover, given_options(facts)));
}

std::string in_database(const DoctorFacts& facts, const std::string& database) {
  return RemedyCommand(Command::doctor, given_options(facts))
      .with("dsn", database::shown_dsn(facts.source.dsn, {{"dbname", database}}))
      .text();
}

std::vector<std::string> other_databases(const DoctorFacts& facts) {
  const std::string wanted = database::dsn_value(facts.source.dsn, "dbname");
  std::vector<std::string> others = facts.databases;
  std::erase(others, wanted);
  std::ranges::stable_sort(others, {}, [&](const std::string& name) {
    return std::pair(name == "postgres", config::edit_distance(name, wanted));
  });
  return others;
}

std::string on_the_primary(const DoctorFacts& facts) { return elsewhere(facts, "PRIMARY"); }

std::vector<Check> check_all(const DoctorFacts& facts) {
  std::vector<Check> checks;
  if (facts.login) checks.push_back(check_login(facts));
  if (facts.connection_error) {
    checks.push_back(check_connection(facts));
  } else if (!facts.login || *facts.login) {
    check_server(facts, checks);
    if (facts.admin_error) checks.push_back(check_admin(facts));
    check_capture(facts, checks);
    check_failover(facts, checks);
  }
  if (!facts.sink.empty()) checks.push_back(check_sink(facts));
  return checks;
}

}  // namespace walpulse::connector
