#pragma once

#include <string>

#include "connector/catalog/catalog_facts.h"

namespace walpulse::connector {

/// Lets a role read the rows that policies hide from it. Only a superuser gives BYPASSRLS, and
/// Cloud SQL has none: there the role becomes a member of the owner's, whom policies do not bind.
std::string see_all_rows_sql(const ServerFacts& server, const RoleFacts& role,
                             const std::string& owner);

}  // namespace walpulse::connector
