#pragma once

#include <cstdint>
#include <pqxx/pqxx>
#include <string>

#include "bench/mage_sim/transaction.h"

namespace walpulse::mage_sim {

/// Executes the transaction's statements in `work`, which the caller commits, and fills in the ids
/// that they make. Returns how many rows of pipeline_run they changed. Throws pqxx's errors.
std::uint64_t perform(pqxx::dbtransaction& work, Transaction& transaction);
/// The same of one statement that is a single one in SQL, together with the statement `before`, as
/// a transaction that is committed with it.
std::uint64_t perform_alone(pqxx::nontransaction& work, const std::string& before,
                            Statement& statement);

}  // namespace walpulse::mage_sim
