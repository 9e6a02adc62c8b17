#pragma once

#include <optional>
#include <string>

#include "connector/command/setup_plan.h"

namespace walpulse::connector {

// Why `setup` and `recover` refuse before they touch anything; empty where there is no reason.
// Pure.

/// Both connections lead to one database, a primary that decodes, whose role may use slots.
std::optional<SetupRefusal> check_server(const SourceOptions& source, const SetupFacts& facts);
/// There is such a table, and it is a plain one.
std::optional<SetupRefusal> check_table(const SourceOptions& source, const SetupFacts& facts);
/// The name that the events would get is one, and no other publication captures the table under it.
std::optional<SetupRefusal> check_name(const SourceOptions& source, const SetupFacts& facts);
/// The owner's connection may make the publication.
std::optional<SetupRefusal> check_maker(const SourceOptions& source, const SetupFacts& facts);
/// The slot's name is free, or taken by a slot that capture can use.
std::optional<SetupRefusal> check_slot(const SourceOptions& source, const SetupFacts& facts);
/// The anchor's name is free, or taken by what setup made.
std::optional<SetupRefusal> check_anchor(const SourceOptions& source, const SetupFacts& facts);

/// `setup` goes no further: exit code 1, where the caller sets no other.
std::optional<SetupRefusal> refuse(std::string message, std::string remedy = {});

/// The same command once more, to be changed where it went wrong.
RemedyCommand again(const SourceOptions& source, const SetupFacts& facts);
/// The command that leads on after a gap, as the owner.
std::string recover_command_text(const SourceOptions& source, const SetupFacts& facts);
/// What doctor prints a command for.
std::string doctor_command_text(const SourceOptions& source, const SetupFacts& facts);
/// A name beside one that is taken.
std::string second(const std::string& name);

/// Why this publication is not the table, whole and with every operation, and perhaps others of
/// `others`; empty where it is.
std::string publication_deviation(const PublicationFacts& publication, const TableFacts& table,
                                  const std::vector<OtherTable>& others);
/// Likewise, of one of the others that is captured: its own part.
std::string other_deviation(const OtherTable& other);
/// Why the owner's connection cannot publish the table as well; empty where it can.
std::string cannot_publish(const OtherTable& other);
/// GRANTs that let the role read the table, one a line; empty where it may.
std::string read_grants(const TableFacts& table, const RoleFacts& role);

}  // namespace walpulse::connector
