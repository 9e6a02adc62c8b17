#pragma once

#include <chrono>
#include <cstddef>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "publisher/http/server.h"

namespace walpulse::monitor::api {

/// What was answered serves again for a while, so that many pages that look at the same cost one
/// look. Thread-safe; no call waits for more than a few copies of pointers.
class AnswerCache {
 public:
  using Clock = std::chrono::steady_clock;
  using Answer = std::shared_ptr<const http::ServerResponse>;

  /// An answer serves for `kept` from when it was read; below zero: none ever does. All that serve
  /// hold `bytes_max` at most: what comes to a full cache is not kept, and a moment later there is
  /// room again.
  AnswerCache(std::chrono::milliseconds kept, std::size_t bytes_max)
      : kept_(kept), bytes_max_(bytes_max) {}

  /// Null where there is none that serves.
  Answer find(const std::string& key, Clock::time_point now);
  /// Of a picture of the ledger that was begun at `read`.
  void keep(std::string key, Answer answer, Clock::time_point read, Clock::time_point now);

 private:
  struct Kept {
    std::string key;
    Clock::time_point read;
    Answer answer;
  };
  using Place = std::list<Kept>::iterator;

  bool serves(const Kept& kept, Clock::time_point now) const;
  static std::size_t bytes_of(const Kept& kept);
  void drop(Place place);

  const std::chrono::milliseconds kept_;
  const std::size_t bytes_max_;
  std::mutex mutex_;
  std::list<Kept> answers_;  ///< In the order in which they came.
  std::unordered_map<std::string_view, Place> places_;
  std::size_t bytes_ = 0;
};

}  // namespace walpulse::monitor::api
