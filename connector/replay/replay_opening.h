#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "connector/replay/replay_source.h"
#include "connector/session/preflight.h"
#include "connector/stream/wakeup.h"

namespace walpulse::connector {

struct ReplayOpening {
  bool streaming = false;  ///< By a walsender; else through SQL.
  bool follow = false;     ///< Streaming, it says to the server what is delivered.
  std::uint64_t rate = 0;  ///< Events a second at most; 0: as fast as it goes.
  Lsn from;                ///< 0/0: where the anchor stands.
  std::optional<Lsn> until;
};

struct OpenedReplay {
  std::unique_ptr<ReplaySource> source;
  Lsn from;  ///< Where it begins.
};

/// Copies the anchor, under a name that no other replay has, and opens a reader of the copy.
/// `catalog`: the ordinary session that found the anchor; it stays open only beside a walsender.
tl::expected<OpenedReplay, ReplayFault> open_replay(const ReplayOpening& opening,
                                                    const SourceOptions& source,
                                                    const Preflight& found,
                                                    std::unique_ptr<Catalog> catalog,
                                                    Wakeup& wakeup);

}  // namespace walpulse::connector
