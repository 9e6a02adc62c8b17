#pragma once

#include "connector/session/preflight.h"

namespace walpulse::connector {

/// What a replay stands on: as preflight(), but with the anchor for a slot (the live one is none of
/// its business), and a drift is a refusal: of such a table the log does not hold everything.
tl::expected<Preflight, Failure> discover_anchor(Catalog& catalog, const SourceOptions& source);

}  // namespace walpulse::connector
