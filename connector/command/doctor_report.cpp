#include <algorithm>
#include <nlohmann/json.hpp>

#include "connector/command/doctor_checks.h"
#include "decoder/base/json_dom.h"
#include "publisher/database/dsn.h"

namespace walpulse::connector {
namespace {

const char* word(Check::Level level) {
  switch (level) {
    case Check::Level::ok:
      return "ok";
    case Check::Level::warn:
      return "warn";
    case Check::Level::fail:
      return "FAIL";
  }
  return "";
}

std::string padded(std::string text, std::size_t width) {
  text.resize(std::max(text.size() + 1, width), ' ');
  return text;
}

std::ptrdiff_t count(const std::vector<Check>& checks, Check::Level level) {
  return std::count_if(checks.begin(), checks.end(),
                       [level](const Check& check) { return check.level == level; });
}

std::string as(const std::string& identity) { return identity.empty() ? "" : " from " + identity; }

/// Of an error whose text ends with its remedy ("...; do this").
Check failed(const std::string& name, const Error& error) {
  const std::size_t remedy = error.message.rfind("; ");
  if (remedy == std::string::npos) return {name, Check::Level::fail, error.message, "", false};
  return {name, Check::Level::fail, error.message.substr(0, remedy),
          error.message.substr(remedy + 2), false};
}

Check check_login(const DoctorFacts& facts) {
  if (!*facts.login) return failed("login", facts.login->error());
  if (facts.login_scope_error) return failed("login", *facts.login_scope_error);
  return {"login", Check::Level::ok, "logging in as " + **facts.login, "", false};
}

Check check_sink(const DoctorFacts& facts) {
  if (facts.sink_error) return failed("sink", *facts.sink_error);
  return {"sink", Check::Level::ok, facts.sink + " takes messages" + as(facts.sink_identity), "",
          false};
}

}  // namespace

std::vector<Check> check_all(const DoctorFacts& facts) {
  std::vector<Check> checks;
  if (facts.login) checks.push_back(check_login(facts));
  if (facts.connection_error) {
    checks.push_back({"connection", Check::Level::fail, facts.connection_error->message,
                      facts.login ? database::iam_login_remedy()
                                  : "--dsn 'host=HOST port=5432 dbname=DATABASE user=ROLE' "
                                    "(password: PGPASSWORD or PGPASSFILE)",
                      false});
  } else if (!facts.login || *facts.login) {
    check_server(facts, checks);
    check_capture(facts, checks);
    check_failover(facts, checks);
  }
  if (!facts.sink.empty()) checks.push_back(check_sink(facts));
  return checks;
}

int exit_code(const std::vector<Check>& checks) {
  return count(checks, Check::Level::fail) == 0 ? 0 : 1;
}

std::string doctor_text(const std::vector<Check>& checks) {
  std::string text;
  for (const auto& check : checks) {
    text += padded(word(check.level), 6) + padded(check.name, 20) + check.finding + "\n";
    if (check.remedy.empty()) continue;
    text += "      mend: " + check.remedy + "\n";
    if (check.level == Check::Level::fail || check.restart) {
      text += std::string("      restart: ") + (check.restart ? "needed" : "not needed") + "\n";
    }
  }
  const auto failed = count(checks, Check::Level::fail);
  return text + std::to_string(failed) + " failed, " +
         std::to_string(count(checks, Check::Level::warn)) + " warnings, " +
         std::to_string(count(checks, Check::Level::ok)) + " ok\n";
}

std::string doctor_json(const std::vector<Check>& checks) {
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const auto& check : checks) {
    nlohmann::ordered_json entry;
    entry["name"] = check.name;
    entry["level"] = check.level == Check::Level::fail ? "fail" : word(check.level);
    entry["finding"] = check.finding;
    entry["remedy"] = check.remedy;
    entry["restart"] = check.restart;
    list.push_back(std::move(entry));
  }
  nlohmann::ordered_json json;
  json["failed"] = count(checks, Check::Level::fail);
  json["warnings"] = count(checks, Check::Level::warn);
  json["checks"] = std::move(list);
  return dump_json(json) + "\n";
}

}  // namespace walpulse::connector
