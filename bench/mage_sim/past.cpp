#include "bench/mage_sim/past.h"

#include <exception>

namespace walpulse::mage_sim {
namespace {

const std::string kOrigin = "'mage_sim_' || current_database()";

}  // namespace

Past::Past(pqxx::connection& connection) : connection_(connection) {
  try {
    pqxx::nontransaction work(connection_);
    work.exec("SELECT pg_replication_origin_create(" + kOrigin +
              ") WHERE pg_replication_origin_oid(" + kOrigin + ") IS NULL");
    work.exec("SELECT pg_replication_origin_session_setup(" + kOrigin + ")");
    sets_commit_times_ = true;
  } catch (const pqxx::insufficient_privilege&) {
    sets_commit_times_ = false;
  }
  // Nobody waits for a disk: of a history that is lost another one is written.
  connection_.set_variable("synchronous_commit", "off");
}

Past::~Past() {
  if (!sets_commit_times_) return;
  try {
    pqxx::nontransaction work(connection_);
    work.exec("SELECT pg_replication_origin_session_reset()");
    work.exec("SELECT pg_replication_origin_drop(" + kOrigin + ")");
  } catch (const std::exception&) {
    return;  // The connection is gone, and the origin stays for the next one.
  }
}

std::string Past::setting(std::int64_t at_ms) {
  const std::string at = "to_timestamp(" + std::to_string(at_ms) + " / 1000.0)";
  std::string sql = "SELECT set_config('mage_sim.at', " + at + "::text, true)";
  if (sets_commit_times_)
    sql += ", pg_replication_origin_xact_setup('0/" + std::to_string(++count_) + "', " + at + ")";
  return sql;
}

}  // namespace walpulse::mage_sim
