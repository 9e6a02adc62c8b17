#pragma once

#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "publisher/delivery/publisher.h"

namespace walpulse::connector::testing {

/// Takes messages while there is room and acknowledges them when told to.
class RecordingPublisher final : public publisher::Publisher {
 public:
  explicit RecordingPublisher(publisher::Acknowledged acknowledged)
      : acknowledged_(std::move(acknowledged)) {}

  Result<bool> publish(publisher::Message& message) override {
    if (failure) return tl::unexpected<Error>(*failure);
    if (taken.size() - acknowledged_count >= room) return false;
    taken.push_back(std::move(message));
    return true;
  }
  Result<void> drain(std::chrono::steady_clock::time_point) override {
    if (failure) return tl::unexpected<Error>(*failure);
    if (acknowledged_count < taken.size()) return fail(ErrorKind::timed_out, "not drained");
    return {};
  }
  publisher::PublisherStatus status() const override {
    publisher::PublisherStatus status = trouble;
    status.pending_messages = taken.size() - acknowledged_count;
    status.published_count = acknowledged_count;
    return status;
  }

  void acknowledge(std::size_t index) {
    ++acknowledged_count;
    acknowledged_(taken.at(index).ticket);
  }
  void acknowledge_all() {
    while (acknowledged_count < taken.size()) acknowledge(acknowledged_count);
  }
  std::string attribute(std::size_t index, const std::string& name) const {
    return taken.at(index).attributes.find(name);
  }

  std::size_t room = std::numeric_limits<std::size_t>::max();
  std::vector<publisher::Message> taken;
  std::size_t acknowledged_count = 0;
  std::optional<Error> failure;
  publisher::PublisherStatus trouble;  ///< What status() says beside the counts.

 private:
  publisher::Acknowledged acknowledged_;
};

}  // namespace walpulse::connector::testing
