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
  /// The table's primary key; empty where the table is gone (the log may still hold its rows).
  std::vector<std::string> key_columns;
};

/// Reads the identity, the server and the slot, and refuses what cannot be captured: a publication
/// without walpulse's comment, another cluster than the comment's, a slot that is gone or lost.
tl::expected<Discovery, Failure> discover(Catalog& catalog, const SourceOptions& source);

}  // namespace walpulse::connector
