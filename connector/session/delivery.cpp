#include "connector/session/delivery.h"

namespace walpulse::connector {
namespace {

/// Both come from the same program, so their bounds are the same or one has none yet.
void add(telemetry::Distribution& to, const telemetry::Distribution& more) {
  if (to.counts.empty()) {
    to = more;
    return;
  }
  for (std::size_t i = 0; i < to.counts.size() && i < more.counts.size(); ++i) {
    to.counts[i] += more.counts[i];
  }
  to.sum += more.sum;
}

}  // namespace

Delivery::Delivery(MakePublisher make, Wakeup& wakeup) : make_(std::move(make)), wakeup_(wakeup) {
  open();
}

void Delivery::open() {
  in_flight_ = std::make_unique<InFlight>();
  in_flight_->publisher =
      make_([tracker = &in_flight_->tracker, &wakeup = wakeup_](std::uint64_t ticket) {
        tracker->acknowledge(ticket);
        wakeup.raise();
      });
}

publisher::PublisherStatus Delivery::status() const {
  auto status = in_flight_->publisher->status();
  status.published_count += past_.published_count;
  status.retried_count += past_.retried_count;
  add(status.publish_latency, past_.publish_latency);
  return status;
}

void Delivery::discard() {
  past_ = status();
  in_flight_.reset();
  open();
}

}  // namespace walpulse::connector
