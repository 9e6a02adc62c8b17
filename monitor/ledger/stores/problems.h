#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "decoder/base/timestamp.h"
#include "monitor/problems/problem.h"

namespace walpulse::monitor {

/// What needs a person, and what did of late. The leader alone writes it, under its lease: then no
/// key is open twice.
class ProblemStore {
 public:
  virtual ~ProblemStore() = default;
  /// In the order in which they were opened.
  virtual std::vector<Problem> open() = 0;
  /// The newest `count_max` of those that are closed, the last closed first.
  virtual std::vector<Problem> closed(std::size_t count_max) = 0;
  /// Keeps a problem without an id as a new one; writes over the one that has its id. The id.
  virtual std::int64_t save(const Problem& problem) = 0;
  virtual void remove(Timestamp closed_before) = 0;
};

}  // namespace walpulse::monitor
