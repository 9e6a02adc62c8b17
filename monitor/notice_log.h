#pragma once

#include <string>

#include "monitor/ledger/ledger.h"

namespace walpulse::monitor {

struct NoticeLine {
  const char* severity;  ///< "ERROR" or "WARNING".
  std::string message;
  std::string fields;  ///< JSON members without braces, as gcp::log_structured takes them.
};

/// The line that says which run a metric counted. `mage_url` may be empty: then there is no link.
NoticeLine notice_line(const Notice& notice, const std::string& mage_url);

}  // namespace walpulse::monitor
