#include "publisher/delivery/pending_budget.h"

#include "decoder/base/logging.h"
#include "publisher/delivery/reader_left.h"

namespace walpulse::publisher {
namespace {

telemetry::Distribution latency_distribution() {
  telemetry::Distribution latency;
  latency.bounds = {0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60};
  latency.counts.resize(latency.bounds.size() + 1);
  return latency;
}

}  // namespace

PendingBudget::PendingBudget(std::size_t pending_bytes_max, std::size_t lane_count)
    : pending_bytes_max_(pending_bytes_max), problems_(lane_count) {
  status_.publish_latency = latency_distribution();
}

Result<bool> PendingBudget::reserve(std::size_t bytes) {
  const std::lock_guard lock(mutex_);
  if (error_) return tl::unexpected(*error_);
  full_ = status_.pending_bytes > 0 && status_.pending_bytes + bytes > pending_bytes_max_;
  if (full_) return false;
  status_.pending_bytes += bytes;
  if (status_.pending_messages++ == 0) status_.waiting_since = std::chrono::steady_clock::now();
  return true;
}

bool PendingBudget::full() const {
  const std::lock_guard lock(mutex_);
  return full_;
}

void PendingBudget::release(std::size_t bytes) {
  const std::lock_guard lock(mutex_);
  status_.pending_bytes -= bytes;
}

void PendingBudget::delivered(std::size_t lane, std::size_t messages,
                              std::chrono::duration<double> latency) {
  bool well_again = false;
  {
    const std::lock_guard lock(mutex_);
    status_.pending_messages -= messages;
    status_.published_count += messages;
    status_.publish_latency.add(latency.count());
    well_again = problems_.ends(lane);
    if (status_.pending_messages == 0) {
      status_.waiting_since.reset();
      changed_.notify_all();
    } else {
      status_.waiting_since = std::chrono::steady_clock::now();
    }
  }
  if (well_again) SPDLOG_INFO("the sink takes messages again");
}

void PendingBudget::note_problem(std::size_t lane, const Error& error) {
  const auto now = std::chrono::steady_clock::now();
  bool warn = false;
  std::chrono::steady_clock::duration lasted{};
  {
    const std::lock_guard lock(mutex_);
    warn = problems_.begins_or_lasts(lane, to_string(error), now);
    lasted = now - problems_.oldest()->since;
  }
  if (!warn) return;
  SPDLOG_WARN("the sink does not take messages, retrying error=\"{}\" seconds={}", to_string(error),
              std::chrono::duration_cast<std::chrono::seconds>(lasted).count());
}

void PendingBudget::retried() {
  const std::lock_guard lock(mutex_);
  ++status_.retried_count;
}

void PendingBudget::fail(const Error& error) {
  {
    const std::lock_guard lock(mutex_);
    if (error_) return;
    error_ = error;
    changed_.notify_all();
  }
  if (error.code == kReaderLeft) return;
  SPDLOG_ERROR("the sink refused a message for good, stopping error=\"{}\"", to_string(error));
}

bool PendingBudget::failed() const {
  const std::lock_guard lock(mutex_);
  return error_.has_value();
}

Result<void> PendingBudget::wait_until_delivered(std::chrono::steady_clock::time_point deadline) {
  std::unique_lock lock(mutex_);
  const bool settled = changed_.wait_until(
      lock, deadline, [this] { return error_ || status_.pending_messages == 0; });
  if (error_) return tl::unexpected(*error_);
  if (settled) return {};
  std::string text =
      std::to_string(status_.pending_messages) + " messages not acknowledged in time";
  if (const DeliveryProblems::Case* trouble = problems_.oldest()) text += ": " + trouble->message;
  return walpulse::fail(ErrorKind::timed_out, std::move(text));
}

PublisherStatus PendingBudget::status() const {
  const std::lock_guard lock(mutex_);
  PublisherStatus status = status_;
  if (const DeliveryProblems::Case* trouble = problems_.oldest()) {
    status.trouble = trouble->message;
    status.trouble_since = trouble->since;
  }
  return status;
}

}  // namespace walpulse::publisher
