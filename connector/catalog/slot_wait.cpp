#include "connector/catalog/slot_wait.h"

#include <cstdio>

namespace walpulse::connector {

std::string describe(const OtherTransaction& transaction) {
  std::string text = transaction.pid ? "pid " + std::to_string(*transaction.pid)
                                     : "the prepared transaction " + transaction.application;
  if (!transaction.user.empty()) text += " user=" + transaction.user;
  if (transaction.pid && !transaction.application.empty()) {
    text += " application=" + transaction.application;
  }
  if (!transaction.database.empty()) text += " database=" + transaction.database;
  if (transaction.age_seconds) {
    char age[48];
    std::snprintf(age, sizeof age, " open for %.0f s", *transaction.age_seconds);
    text += age;
  }
  return text;
}

Error slot_timeout_error(const std::string& slot, std::chrono::milliseconds timeout,
                         const std::vector<OtherTransaction>& transactions) {
  std::string text = "the slot " + slot + " could not be made within " +
                     std::to_string(timeout.count()) +
                     " ms: the server first waits for every transaction that was writing, in any "
                     "database. Nothing is left behind";
  for (const auto& transaction : transactions) text += "\n  waits for " + describe(transaction);
  return {ErrorKind::timed_out, std::move(text),
          "let them end, or end one (SELECT pg_catalog.pg_terminate_backend(PID); for a prepared "
          "one ROLLBACK PREPARED), or wait longer: --slot-timeout 10m"};
}

}  // namespace walpulse::connector
