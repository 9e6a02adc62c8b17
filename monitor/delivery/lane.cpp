#include "monitor/delivery/lane.h"

#include <algorithm>
#include <utility>

#include "decoder/base/logging.h"
#include "monitor/delivery/attempt.h"

namespace walpulse::monitor {
namespace {

/// Between two tries to write down what became of a delivery.
constexpr std::chrono::seconds kFinishPause{1};

}  // namespace

Lane::Lane(Outbox& outbox, std::shared_ptr<Channel> channel, std::chrono::milliseconds pace,
           const RelayOptions& options, std::function<void()> has_room)
    : outbox_(outbox),
      channel_(std::move(channel)),
      pace_(pace),
      options_(options),
      has_room_(std::move(has_room)) {
  const std::size_t calls_max = pace_.count() > 0 ? 1 : options_.calls_max;
  threads_.reserve(calls_max);
  while (threads_.size() < calls_max)
    threads_.emplace_back([this](const std::stop_token& stop) { run(stop); });
}

Lane::~Lane() {
  for (std::jthread& each : threads_) each.request_stop();
}

void Lane::retire() {
  const std::lock_guard lock(mutex_);
  retired_ = true;
  changed_.notify_all();
}

bool Lane::is_done() const {
  const std::lock_guard lock(mutex_);
  return retired_ && claimed_.empty() && calls_ == 0;
}

std::size_t Lane::room() const {
  const std::lock_guard lock(mutex_);
  return options_.claimed_max - std::min(options_.claimed_max, claimed_.size() + calls_);
}

void Lane::send(std::vector<Delivery> claimed, Clock::time_point at) {
  const std::lock_guard lock(mutex_);
  for (Delivery& delivery : claimed) claimed_.push_back({std::move(delivery), at});
  changed_.notify_all();
}

std::string Lane::trouble() const {
  const std::lock_guard lock(mutex_);
  return trouble_;
}

void Lane::run(const std::stop_token& stop) {
  Clock::time_point begun{};
  while (true) {
    Claimed next;
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, stop, [this] { return !claimed_.empty() || retired_; });
      if (claimed_.empty()) return;
      next = std::move(claimed_.front());
      claimed_.pop_front();
      ++calls_;
    }
    finish(next, attempt(next, begun, stop), stop);
    bool has_room = false;
    {
      const std::lock_guard lock(mutex_);
      --calls_;
      has_room = claimed_.size() + calls_ <= options_.claimed_max / 2;
    }
    if (has_room) has_room_();
  }
}

Attempted Lane::attempt(const Claimed& claimed, Clock::time_point& begun,
                        const std::stop_token& stop) {
  const Delivery& delivery = claimed.delivery;
  const bool may_begin = may_begin_at(begun + pace_, stop);
  begun = Clock::now();
  if (!may_begin || begun > claimed.at + options_.hold / 2)
    return not_begun(delivery, options_.now());
  if (auto expired = after_expiry(delivery, options_.now())) return *std::move(expired);
  const Answer answer =
      channel_->send({delivery.kind, delivery.content, delivery.key, delivery.subject},
                     options_.call_deadline, stop);
  if (stop.stop_requested() && answer.verdict == Answer::Verdict::again)
    return cut_off(delivery, options_.now());
  Attempted attempted = after_answer(delivery, answer, options_.now(), options_.draw());
  if (attempted.state == Delivery::State::given_up)
    SPDLOG_ERROR("a delivery is given up id={} channel={} of=\"{}\" answer=\"{}\"", delivery.id,
                 delivery.channel, delivery.of, attempted.answer);
  return attempted;
}

/// Where the ledger cannot be written the claim runs out, and the delivery is sent again.
void Lane::finish(const Claimed& claimed, const Attempted& attempted, const std::stop_token& stop) {
  while (true) {
    const auto finished = outbox_.finish(claimed.delivery, attempted);
    note(finished ? ""
                  : "what became of deliveries cannot be kept: " + to_string(finished.error()));
    if (finished) return;
    const Clock::time_point again = Clock::now() + kFinishPause;
    if (again > claimed.at + options_.hold) return;
    std::unique_lock lock(mutex_);
    changed_.wait_until(lock, stop, again, [] { return false; });
    if (stop.stop_requested()) return;
  }
}

/// Waits for it. False where it was stopped or retired before.
bool Lane::may_begin_at(Clock::time_point at, const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  changed_.wait_until(lock, stop, at, [this] { return retired_; });
  return !retired_ && !stop.stop_requested();
}

void Lane::note(const std::string& trouble) {
  const std::lock_guard lock(mutex_);
  if (!trouble.empty() && trouble != trouble_) SPDLOG_WARN("{}", trouble);
  trouble_ = trouble;
}

}  // namespace walpulse::monitor
