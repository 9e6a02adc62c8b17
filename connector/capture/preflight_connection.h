#pragma once

#include <memory>

#include "connector/session/preflight.h"

namespace walpulse::connector {

/// Finds what a session stands on, over an ordinary connection that is kept between attempts: a
/// standby asks every second. One thread.
class PreflightConnection {
 public:
  /// With `wants_slot`, a slot that another connector reads makes this one a standby.
  PreflightConnection(const SourceOptions& source, bool wants_slot)
      : source_(source), wants_slot_(wants_slot) {}

  tl::expected<Preflight, Failure> find(const std::optional<Watched>& watched);
  /// check_columns() of what find() found.
  tl::expected<void, Failure> check_columns(const Preflight& found, const PublishOptions& options);
  /// Once the slot is held: the end of the WAL of the server that find() asked. 0/0 where that
  /// proves nothing: there nobody holds the slot, so the stream comes from another server, or it is
  /// a standby, which after a crash shows an earlier position than it has decoded before.
  tl::expected<Lsn, Failure> held_from();
  /// The connection of the last find(), which succeeded.
  std::unique_ptr<Catalog> release() { return std::move(catalog_); }

 private:
  const SourceOptions& source_;
  const bool wants_slot_;
  std::unique_ptr<Catalog> catalog_;
};

}  // namespace walpulse::connector
