#pragma once

#include <span>
#include <string>

#include "monitor/rules/rules.h"

namespace walpulse::rules {

/// SHA-256 over the names and texts of the files and bodies in their order, in lower case
/// hexadecimal digits: the same where the rules are the same. Names count from the folder of the
/// first file on, so that it does not matter where that is.
std::string content_hash(std::span<const RulesText> texts, std::span<const BodyText> bodies = {});

}  // namespace walpulse::rules
