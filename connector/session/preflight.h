#pragma once

#include <string>
#include <vector>

#include "connector/catalog/catalog.h"
#include "connector/options/options.h"
#include "connector/session/failure.h"
#include "connector/session/publication_drift.h"

namespace walpulse::connector {

/// All that a session stands on, asked anew before each one.
struct Preflight {
  ServerFacts server;
  CaptureIdentity identity;
  CaptureIdentity seen;  ///< As the publication was found (as_seen()).
  SlotState slot;
  /// The primary key of each of the identity's tables, in their order.
  std::vector<std::vector<std::string>> key_columns;
  BaseTypes base_types;                   ///< Of all their columns.
  std::optional<PublicationDrift> drift;  ///< The publication no longer carries every table whole.
};

/// Reads the identity, the server, the slot, the tables, the role and the publication, and refuses
/// what cannot be captured: a publication without walpulse's comment, another cluster or name of
/// a table than the comment's, a slot that is gone or lost, a role that may not replicate. A
/// drift is no refusal: what the log still holds is to be delivered. `watched`: what this
/// process saw before.
tl::expected<Preflight, Failure> preflight(Catalog& catalog, const SourceOptions& source,
                                           const std::optional<Watched>& watched = {});

/// The failure of a source whose publication has no identity, told by what else is there
/// (not_set_up()).
Result<Failure> what_is_not_set_up(Catalog& catalog, const SourceOptions& source,
                                   const std::string& database);

}  // namespace walpulse::connector
