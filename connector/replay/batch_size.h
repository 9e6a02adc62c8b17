#pragma once

#include <cstdint>
#include <optional>

#include "decoder/base/types.h"

namespace walpulse::connector {

/// How many rows to ask for. The server begins each batch at the slot's restart_lsn and goes
/// through the batches before it once more until that moves, which it does where the log says which
/// transactions were running: every 15 s and at checkpoints (src/backend/postmaster/bgwriter.c).
/// Where it stands still batches grow, so that a burst is not gone through again by the square of
/// its length.
class BatchSize {
 public:
  BatchSize(std::uint64_t rows_min, std::uint64_t rows_max)
      : rows_min_(rows_min), rows_max_(rows_max), rows_(rows_min) {}

  /// Of the batch that begins at `restart`.
  std::uint64_t next(Lsn restart);

 private:
  const std::uint64_t rows_min_;
  const std::uint64_t rows_max_;
  std::uint64_t rows_;
  std::optional<Lsn> restart_;
};

}  // namespace walpulse::connector
