#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace walpulse::bench {

struct AskOptions {
  std::uint16_t port = 8080;
  /// What is asked for, in turn; `{n}` stands for a number that no two requests share.
  std::vector<std::string> targets;
  std::size_t connections = 1;
  double seconds = 5;
  /// Zero: each connection asks again as soon as it is answered, the next target each time. Else
  /// each asks for all targets, one after another, once in so many seconds: as an open page does.
  double every = 0;
  bool keeps_tags = false;  ///< If-None-Match with what a connection was last given.
  bool takes_gzip = false;  ///< Accept-Encoding, as browsers send it.
};

struct AskFigures {
  double seconds = 0;
  double cpu_seconds = 0;
  std::vector<double> waits_ms;                 ///< Sorted; of pages from when the request was due.
  std::map<std::string, std::size_t> statuses;  ///< Of each status how many answers.
  std::size_t bytes = 0;                        ///< Of all bodies.
  std::size_t bytes_least = 0, bytes_max = 0;   ///< Of a body of an answer 200.
  bool broken = false;                          ///< A connection could not be made, or was lost.
};

/// Asks over keep-alive connections, with one request in flight on each.
AskFigures ask_for(const AskOptions& options);

}  // namespace walpulse::bench
