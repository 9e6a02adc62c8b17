#pragma once

#include <string>

namespace walpulse::monitor {

/// The page of a run in Mage, whose address is `mage_url`.
std::string run_link(const std::string& mage_url, const std::string& pipeline,
                     const std::string& run);

}  // namespace walpulse::monitor
