#pragma once

#include <pqxx/pqxx>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "bench/mage_sim/statements.h"

namespace walpulse::mage_sim {

/// One transaction's statements, by their names. While the table bears another name they are no
/// prepared ones. With `before`, a statement of its own, the only other one goes together with it:
/// what is sent at once is one transaction.
class Session {
 public:
  Session(pqxx::transaction_base& work, bool renamed, std::string before = {})
      : work_(work), renamed_(renamed), before_(std::move(before)) {}

  template <class... Parameters>
  pqxx::result exec(const std::string& name, const Parameters&... parameters) {
    if (!before_.empty()) return work_.exec(before_ + "; " + execute(name, {text(parameters)...}));
    if (!renamed_) return work_.exec_prepared(name, parameters...);
    for (const Prepared& statement : statements())
      if (statement.name == name) return work_.exec_params(renamed(statement.sql), parameters...);
    throw std::logic_error(name + " is no statement");
  }
  template <class... Parameters>
  std::int64_t id(const std::string& name, const Parameters&... parameters) {
    return exec(name, parameters...)[0][0].template as<std::int64_t>();
  }
  void plain(const char* sql) { work_.exec(renamed_ ? renamed(sql) : sql); }

 private:
  std::string text(const char* value) { return value == nullptr ? "NULL" : work_.quote(value); }
  template <class Value>
  std::string text(const Value& value) {
    return work_.quote(pqxx::to_string(value));
  }
  static std::string execute(const std::string& name, const std::vector<std::string>& literals) {
    std::string sql;
    for (const std::string& literal : literals) sql += (sql.empty() ? "(" : ", ") + literal;
    return "EXECUTE " + name + sql + ')';
  }
  pqxx::transaction_base& work_;
  const bool renamed_;
  const std::string before_;
};

}  // namespace walpulse::mage_sim
