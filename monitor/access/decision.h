#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "monitor/access/access_request.h"
#include "monitor/access/identity.h"
#include "monitor/options/options.h"

namespace walpulse::monitor {

/// Who may read, and who may write.
struct AccessPolicy {
  Readers readers = Readers::none;
  std::vector<std::string> reading;  ///< E-mail addresses, domains, "*"; empty: all who prove it.
  std::vector<std::string> writing;  ///< Likewise; empty: nobody.
};

/// Whether a request is taken, or what its answer is. The answer names what would help: an operator
/// who forgot a flag is his own reader most of the time.
struct Decision {
  int status = 0;               ///< 0: taken. Else that of HTTP.
  std::string_view type = {};   ///< "not-a-reader", as the API's documentation has it.
  std::string_view title = {};  ///< One line for a person.
  std::string detail = {};
  std::string_view allow = {};  ///< With 405.
  bool taken() const { return status == 0; }
  bool operator==(const Decision&) const = default;
};

/// Decides by nothing but what it is given. Probes are for everybody: /liveness and /readiness say
/// no name of anything captured. Whoever pushes is not asked here, and may not read because of it.
Decision admit(const AccessPolicy& policy, const AccessRequest& request, const Identity& identity);

/// How many bytes of a body a request may have that writes below /api/: 0 where nothing is written.
std::size_t write_bytes_max(std::string_view method, std::string_view path);

/// Whether a `--reader` or `--writer` means this one: the address, whatever its case, the
/// organization's domain, or "*". A domain is never read off an address: an address may be that of
/// an account which its organization does not know.
bool names(const std::string& grant, const Identity& identity);

}  // namespace walpulse::monitor
