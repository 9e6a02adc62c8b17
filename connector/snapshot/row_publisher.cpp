#include "connector/snapshot/row_publisher.h"

#include <poll.h>

#include <algorithm>

#include "connector/session/sink_start.h"

namespace walpulse::connector {
namespace {

using namespace std::chrono_literals;

constexpr auto kDeliveryPatience = 2min;

}  // namespace

Result<std::unique_ptr<RowPublisher>> RowPublisher::open(const PublishOptions& options,
                                                         Wakeup& wakeup, std::stop_token stop) {
  auto sink = start_sink(options);
  if (!sink) return forward(sink);
  return std::unique_ptr<RowPublisher>(
      new RowPublisher(options, std::move(*sink), wakeup, std::move(stop)));
}

RowPublisher::RowPublisher(const PublishOptions& options, std::unique_ptr<publisher::Sink> sink,
                           Wakeup& wakeup, std::stop_token stop)
    : to_stdout_(options.to == "stdout"),
      wakeup_(wakeup),
      stop_(std::move(stop)),
      sink_(std::move(sink)) {
  publisher::LaneOptions lanes;
  lanes.lane_count = to_stdout_ ? 1 : options.lanes;
  lanes.pending_bytes_max = options.pending_bytes_max;
  publisher_ = publisher::make_lane_publisher(*sink_, lanes, [this](std::uint64_t ticket) {
    rows_.acknowledge(ticket);
    wakeup_.raise();
  });
}

Result<void> RowPublisher::publish_row(publisher::Message message, std::int64_t id) {
  message.ticket = rows_.take(id);
  return publish(message);
}

Result<void> RowPublisher::publish(publisher::Message& message) {
  while (true) {
    const auto taken = publisher_->publish(message);
    if (!taken) return forward(taken);
    if (*taken) return {};
    if (auto good = check_sink(); !good) return good;
    pollfd polled{wakeup_.descriptor(), POLLIN, 0};
    ::poll(&polled, 1, 500);
    wakeup_.clear();
    if (stop_.stop_requested()) return fail(ErrorKind::cancelled, "stopped");
  }
}

Result<void> RowPublisher::publish_last(publisher::Message message,
                                        std::chrono::milliseconds stop_wait) {
  if (auto room = publish(message); !room) return room;
  return wait_until_delivered(stop_wait);
}

Result<void> RowPublisher::wait_until_delivered(std::chrono::milliseconds stop_wait) {
  std::optional<Clock::time_point> stop_deadline;
  while (true) {
    const auto delivered = publisher_->drain(Clock::now() + 200ms);
    if (delivered || delivered.error().kind != ErrorKind::timed_out) return delivered;
    if (auto good = check_sink(); !good) return good;
    if (!stop_.stop_requested()) continue;
    if (!stop_deadline) stop_deadline = Clock::now() + stop_wait;
    if (Clock::now() >= *stop_deadline) return delivered;
  }
}

Result<void> RowPublisher::pause(Clock::duration time) {
  const auto end = Clock::now() + time;
  for (auto now = Clock::now(); now < end; now = Clock::now()) {
    if (stop_.stop_requested()) return fail(ErrorKind::cancelled, "stopped");
    pollfd polled{wakeup_.descriptor(), POLLIN, 0};
    const auto left = std::min<Clock::duration>(end - now, 1s);
    ::poll(&polled, 1,
           static_cast<int>(std::chrono::ceil<std::chrono::milliseconds>(left).count()));
    wakeup_.clear();
  }
  return {};
}

bool RowPublisher::unread() const { return to_stdout_ && stdout_closed(); }

Result<void> RowPublisher::check_sink() {
  if (unread()) return fail(ErrorKind::cancelled, "nobody reads stdout");
  const auto status = publisher_->status();
  if (status.waiting_since && Clock::now() - *status.waiting_since > kDeliveryPatience) {
    return fail(ErrorKind::unavailable, "the sink took nothing for two minutes" +
                                            (status.trouble.empty() ? "" : ": " + status.trouble));
  }
  return {};
}

}  // namespace walpulse::connector
