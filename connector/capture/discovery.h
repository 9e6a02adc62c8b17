#pragma once

#include <string>
#include <vector>

#include "connector/capture/failure.h"
#include "connector/catalog/catalog.h"
#include "connector/options/options.h"

namespace walpulse::connector {

/// All that a session stands on, asked anew before each one.
struct Discovery {
  ServerFacts server;
  CaptureIdentity identity;
  SlotState slot;
  std::vector<std::string> key_columns;  ///< The table's primary key.
};

/// Reads the identity, the server, the slot, the table and the role, and refuses what cannot be
/// captured: a publication without walpulse's comment, another cluster or table than the comment's,
/// a slot that is gone or lost, a role that may not replicate.
tl::expected<Discovery, Failure> discover(Catalog& catalog, const SourceOptions& source);

}  // namespace walpulse::connector
