#pragma once

#include <chrono>
#include <memory>
#include <stop_token>
#include <string>

#include "connector/options/options.h"
#include "connector/snapshot/delivered_rows.h"
#include "connector/stream/wakeup.h"
#include "publisher/delivery/lane_publisher.h"
#include "publisher/sinks/sink.h"

namespace walpulse::connector {

/// Publishes rows and waits for them. A sink that takes nothing for two minutes ends it: no
/// transaction is to be held open for a sink that is down. One thread, beside the lanes'.
///
/// Errors: rejected and malformed (the sink refused a message for good), unavailable (it takes
/// nothing), cancelled (stopped, or nobody reads stdout any more).
class RowPublisher {
 public:
  using Clock = std::chrono::steady_clock;

  static Result<std::unique_ptr<RowPublisher>> open(const PublishOptions& options, Wakeup& wakeup,
                                                    std::stop_token stop);

  /// Waits for room.
  Result<void> publish_row(publisher::Message message, std::int64_t id);
  /// Publishes what is no row, and waits for it. To be called with nothing pending.
  Result<void> publish_last(publisher::Message message, std::chrono::milliseconds stop_wait);
  /// Until everything is delivered. After a stop no longer than `stop_wait`: timed_out then.
  Result<void> wait_until_delivered(std::chrono::milliseconds stop_wait);
  /// Waits; cancelled by a stop.
  Result<void> pause(Clock::duration time);

  /// Whoever read stdout has seen enough.
  bool unread() const;
  const DeliveredRows& delivered() const { return rows_; }
  std::string sink_name() const { return sink_->name(); }

 private:
  RowPublisher(const PublishOptions& options, std::unique_ptr<publisher::Sink> sink, Wakeup& wakeup,
               std::stop_token stop);
  Result<void> publish(publisher::Message& message);
  Result<void> check_sink();

  const bool to_stdout_;
  Wakeup& wakeup_;
  const std::stop_token stop_;
  DeliveredRows rows_;
  std::unique_ptr<publisher::Sink> sink_;
  std::unique_ptr<publisher::Publisher> publisher_;  ///< Goes first: it calls rows_, uses sink_.
};

}  // namespace walpulse::connector
