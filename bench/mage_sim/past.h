#pragma once

#include <cstdint>
#include <pqxx/pqxx>
#include <string>

namespace walpulse::mage_sim {

/// Gives transactions another instant than now: to the statements that were made for it
/// (at_another_time), and, where the role may use replication origins (a superuser may), to the
/// commits as well: pgoutput and pg_xact_commit_timestamp then tell it (manual, "Replication
/// Progress Tracking"). One at a time for each database. One thread.
class Past {
 public:
  /// `connection` is this one's alone.
  explicit Past(pqxx::connection& connection);
  ~Past();
  Past(const Past&) = delete;
  Past& operator=(const Past&) = delete;

  /// The statement that a transaction at `at_ms` (Unix milliseconds) begins with.
  std::string setting(std::int64_t at_ms);
  bool sets_commit_times() const { return sets_commit_times_; }

 private:
  pqxx::connection& connection_;
  bool sets_commit_times_ = false;
  std::int64_t count_ = 0;
};

}  // namespace walpulse::mage_sim
