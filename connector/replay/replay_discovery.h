#pragma once

#include "connector/capture/discovery.h"

namespace walpulse::connector {

/// What a replay stands on: as discover(), but with the anchor for a slot (the live one is none of
/// its business), and a departure is a refusal: of such a table the log does not hold everything.
tl::expected<Discovery, Failure> discover_anchor(Catalog& catalog, const SourceOptions& source);

}  // namespace walpulse::connector
