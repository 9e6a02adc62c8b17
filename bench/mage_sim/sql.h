#pragma once

#include <string>

/// The .sql files of this folder, carried in the program.
namespace walpulse::mage_sim {

extern const std::string kSchemaSql;
extern const std::string kAuditSql;
extern const std::string kTruthSql;
extern const std::string kNeighboursSql;

}  // namespace walpulse::mage_sim
