#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace walpulse::publisher {

/// Which lanes cannot deliver, why and since when, and which of it is worth a log line: one when it
/// begins, one every 30 s, one when it is over. Trouble that comes and goes gets a line every 30 s
/// too, not one each time. Not for several threads.
class DeliveryProblems {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;
  struct Case {
    std::string message;
    TimePoint since;
  };

  explicit DeliveryProblems(std::size_t lane_count) : lanes_(lane_count) {}

  /// True where a warning is due.
  bool begins_or_lasts(std::size_t lane, std::string message, TimePoint now);
  /// True where the last lane in trouble is out of it, and the log told of it.
  bool ends(std::size_t lane);
  /// The lane that has been in trouble longest; null while all are well.
  const Case* oldest() const;

 private:
  std::vector<std::optional<Case>> lanes_;
  std::optional<TimePoint> warned_at_;
  bool told_ = false;  ///< Whether the trouble of now was worth a warning.
};

}  // namespace walpulse::publisher
