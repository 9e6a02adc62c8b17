#pragma once

#include <memory>
#include <string>

#include "connector/session/preflight.h"
#include "connector/stream/replication_stream.h"

namespace walpulse::connector {

struct StreamRequest {
  const SourceOptions& source;
  const Preflight& found;
  Lsn from;  ///< End of what was taken already; 0/0 = where the slot stands.
  Lsn seen;  ///< Furthest position that this server's WAL is known to have reached.
  /// Of an earlier session on another timeline of this server.
  std::optional<LeftTimeline> left;
  bool look = false;  ///< Stream a temporary copy of the slot.
  std::string sink;   ///< For the log line that tells all facts.
};

/// A streaming connection that joins onto `from`: the same server as discovered, whose WAL reaches
/// as far as it did. Else the failure, judged.
tl::expected<std::unique_ptr<ReplicationStream>, Failure> open_stream(const StreamRequest& request,
                                                                      Wakeup& wakeup);

}  // namespace walpulse::connector
