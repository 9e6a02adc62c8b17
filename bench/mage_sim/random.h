#pragma once

#include <cmath>
#include <cstdint>
#include <random>

namespace walpulse::mage_sim {

/// The same numbers from the same seed with every standard library: only the engine is std's, for
/// its distributions are not specified bit by bit.
class Random {
 public:
  explicit Random(std::uint64_t seed) : engine_(seed) {}

  /// 0 to bound - 1; `bound` is at least 1.
  std::uint64_t below(std::uint64_t bound) { return engine_() % bound; }
  /// In [0, 1).
  double unit() { return static_cast<double>(engine_() >> 11) * 0x1.0p-53; }
  bool chance(double probability) { return unit() < probability; }
  /// Exponentially distributed milliseconds, at least one.
  std::int64_t around_ms(double mean) {
    return 1 + static_cast<std::int64_t>(-std::log1p(-unit()) * mean);
  }

 private:
  std::mt19937_64 engine_;
};

}  // namespace walpulse::mage_sim
