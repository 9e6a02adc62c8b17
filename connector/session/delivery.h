#pragma once

#include <functional>
#include <memory>

#include "connector/session/ack_tracker.h"
#include "connector/stream/wakeup.h"
#include "publisher/delivery/lane_publisher.h"

namespace walpulse::connector {

/// What lives on when a replication session ends: the publisher with its queue, and the tracker of
/// what in it is acknowledged. One thread; acknowledgements raise the wakeup.
class Delivery {
 public:
  using MakePublisher =
      std::function<std::unique_ptr<publisher::Publisher>(publisher::Acknowledged)>;
  Delivery(MakePublisher make, Wakeup& wakeup);

  AckTracker& tracker() { return in_flight_->tracker; }
  publisher::Publisher& publisher() { return *in_flight_->publisher; }
  /// Counters count on across discard().
  publisher::PublisherStatus status() const;
  /// Forgets everything in flight: the slot still holds it, and what comes next is another history.
  void discard();

 private:
  struct InFlight {
    AckTracker tracker;
    std::unique_ptr<publisher::Publisher> publisher;  ///< Goes first: it calls the tracker.
  };
  void open();

  MakePublisher make_;
  Wakeup& wakeup_;
  std::unique_ptr<InFlight> in_flight_;
  publisher::PublisherStatus past_;
};

}  // namespace walpulse::connector
