#pragma once

#include <chrono>
#include <cstdint>
#include <random>

namespace walpulse {

struct BackoffOptions {
  std::chrono::milliseconds initial{100};
  double multiplier = 2;
  std::chrono::milliseconds max{30'000};
};

/// Full-jitter exponential backoff: uniform between zero and a ceiling that doubles up to `max`.
/// Pure: it says how long, the caller waits. One thread.
class Backoff {
 public:
  explicit Backoff(BackoffOptions options = {}, std::uint64_t seed = std::random_device{}());
  std::chrono::milliseconds next();
  void reset();

 private:
  BackoffOptions options_;
  std::mt19937_64 random_;
  double ceiling_ms_;
};

}  // namespace walpulse
