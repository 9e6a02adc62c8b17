#pragma once

#include <memory>

#include "connector/capture/discovery.h"

namespace walpulse::connector {

/// Finds what a session stands on, over an ordinary connection that is kept between attempts: a
/// standby asks every second. One thread.
class SourceFinder {
 public:
  /// With `wants_slot`, a slot that another connector reads makes this one a standby.
  SourceFinder(const SourceOptions& source, bool wants_slot)
      : source_(source), wants_slot_(wants_slot) {}

  tl::expected<Discovery, Failure> find();
  /// The connection of the last find(), which succeeded.
  std::unique_ptr<Catalog> release() { return std::move(catalog_); }

 private:
  const SourceOptions& source_;
  const bool wants_slot_;
  std::unique_ptr<Catalog> catalog_;
};

}  // namespace walpulse::connector
