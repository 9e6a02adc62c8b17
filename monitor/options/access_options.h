#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "monitor/options/options.h"

namespace walpulse::monitor {

/// Fills in who may read where nothing says it: whoever is on this machine where nobody else
/// reaches the port, else nobody. After settle_push(). The page alone listens on every address
/// where it is said who may read.
void settle_access(ServeOptions& options);

/// What stands against the settled options.
std::vector<config::OptionProblem> check_access(const ServeOptions& options,
                                                const Environment& environment);

/// "iap", as on the command line.
const char* name_of(Readers readers);

struct ListenAddress {
  std::string address;
  std::uint16_t port = 0;
};
/// Of "127.0.0.1:9090" and "[::1]:9090"; nothing for another text.
std::optional<ListenAddress> listen_address(const std::string& text);

}  // namespace walpulse::monitor
