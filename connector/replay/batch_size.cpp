#include "connector/replay/batch_size.h"

#include <algorithm>

namespace walpulse::connector {

std::uint64_t BatchSize::next(Lsn restart) {
  rows_ = restart_ == restart ? std::min(2 * rows_, rows_max_) : rows_min_;
  restart_ = restart;
  return rows_;
}

}  // namespace walpulse::connector
