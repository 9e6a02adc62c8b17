#include "publisher/delivery/lane_publisher.h"

#include <algorithm>
#include <functional>
#include <utility>
#include <vector>

#include "publisher/delivery/lane.h"
#include "publisher/delivery/pending_budget.h"

namespace walpulse::publisher {
namespace {

class LanePublisher final : public Publisher {
 public:
  LanePublisher(BatchSink& sink, const LaneOptions& options, std::size_t lane_count,
                Acknowledged acknowledged)
      : acknowledged_(std::move(acknowledged)), budget_(options.pending_bytes_max, lane_count) {
    for (std::size_t i = 0; i < lane_count; ++i) {
      lanes_.push_back(std::make_unique<Lane>(i, sink, budget_, acknowledged_, options.backoff,
                                              options.request_gap));
    }
  }

  /// All are told before one is waited for: requests that hang are cancelled together.
  ~LanePublisher() override {
    for (const auto& lane : lanes_) lane->request_stop();
  }

  Result<bool> publish(Message& message) override {
    const Result<bool> room = budget_.reserve(message_bytes(message));
    if (!room || !*room) return room;
    Lane& lane = lane_of(message.ordering_key);
    lane.push(message);
    return true;
  }

  Result<void> drain(std::chrono::steady_clock::time_point deadline) override {
    return budget_.wait_until_delivered(deadline);
  }

  PublisherStatus status() const override { return budget_.status(); }

 private:
  Lane& lane_of(const std::string& key) {
    if (key.empty()) return *lanes_[next_lane_++ % lanes_.size()];
    return *lanes_[std::hash<std::string>()(key) % lanes_.size()];
  }

  const Acknowledged acknowledged_;
  PendingBudget budget_;
  std::size_t next_lane_ = 0;
  std::vector<std::unique_ptr<Lane>> lanes_;
};

}  // namespace

std::unique_ptr<Publisher> make_lane_publisher(BatchSink& sink, const LaneOptions& options,
                                               Acknowledged acknowledged) {
  const std::size_t lane_count =
      std::max<std::size_t>(1, std::min(options.lane_count, sink.lanes_max()));
  return std::make_unique<LanePublisher>(sink, options, lane_count, std::move(acknowledged));
}

}  // namespace walpulse::publisher
