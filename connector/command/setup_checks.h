#pragma once

#include <optional>
#include <string>

#include "connector/command/setup_plan.h"

namespace walpulse::connector {

// Why `setup` and `recover` refuse before they touch anything; empty where there is no reason.
// Pure.

/// Both connections lead to one database, a primary that decodes, whose role may use slots.
std::optional<SetupRefusal> check_server(const SetupFacts& facts);
/// There is such a table, and it is a plain one.
std::optional<SetupRefusal> check_table(const SourceOptions& source, const SetupFacts& facts);
/// The name that the events would get is one, and no other publication captures the table under it.
std::optional<SetupRefusal> check_name(const SourceOptions& source, const SetupFacts& facts);
/// The slot's name is free, or taken by a slot that capture can use.
std::optional<SetupRefusal> check_slot(const SourceOptions& source, const SetupFacts& facts);
/// The anchor's name is free, or taken by what setup made.
std::optional<SetupRefusal> check_anchor(const SourceOptions& source, const SetupFacts& facts);

/// What to do where a slot of this name is somebody else's.
std::string another_slot_or_drop(const std::string& slot);

/// Why this publication is not exactly the table, whole and with every operation; empty where it
/// is.
std::string publication_deviation(const PublicationFacts& publication, const TableFacts& table);

}  // namespace walpulse::connector
