#pragma once

#include <string>
#include <vector>

#include "bench/mage_sim/script.h"

namespace walpulse::mage_sim {

/// A prepared statement, as Mage's ORM sends it.
struct Prepared {
  const char* name;
  std::string sql;
};

const std::vector<Prepared>& statements();
/// The statement that an act on existing rows is.
const char* statement_name(Act act);
/// `sql` for another instant than now: the one that the transaction's setting `mage_sim.at` tells.
std::string at_another_time(const std::string& sql);
/// `sql` for the time in which the table bears another name.
std::string renamed(const std::string& sql);

}  // namespace walpulse::mage_sim
