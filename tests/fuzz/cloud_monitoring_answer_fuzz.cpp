#include <array>
#include <string>

#include "monitor/export/cloud_monitoring_answer.h"
#include "tests/fuzz/fuzz.h"

// Input: which status and how many points were sent (a byte each), then the body that Cloud
// Monitoring answers.

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace walpulse;
  static constexpr std::array kStatuses{200, 204, 400, 400, 401, 403, 404, 408, 409, 429, 500, 503};
  if (size < 2) return 0;
  http::Response response;
  response.status = kStatuses[data[0] % kStatuses.size()];
  const std::size_t points = data[1];
  response.body = fuzz::text(data + 2, size - 2);
  const auto answer = monitor::read_write_answer(response, points);
  fuzz::require(answer.results.size() == points, "each point has its result");
  std::size_t written = 0;
  for (const auto& result : answer.results) written += result.empty() ? 1 : 0;
  if (response.status / 100 == 2) {
    fuzz::require(written == points && !answer.whole_call_refused, "2xx wrote everything");
  }
  fuzz::require(!answer.whole_call_refused || points == 0 || written < points,
                "a call that is refused has a point to blame");
  return 0;
}
