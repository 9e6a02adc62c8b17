#include "monitor/delivery/lane.h"

#include <utility>

#include "decoder/base/logging.h"
#include "monitor/delivery/attempt.h"

namespace walpulse::monitor {
namespace {

/// Between two tries to write down what became of a delivery.
constexpr std::chrono::seconds kFinishPause{1};

}  // namespace

Lane::Lane(Outbox& outbox, std::shared_ptr<Channel> channel, std::chrono::milliseconds pace,
           const RelayOptions& options, std::function<void()> idle)
    : outbox_(outbox),
      channel_(std::move(channel)),
      pace_(pace),
      options_(options),
      idle_(std::move(idle)),
      thread_([this](const std::stop_token& stop) { run(stop); }) {}

Lane::~Lane() = default;

std::size_t Lane::room() const {
  const std::lock_guard lock(mutex_);
  return claimed_.empty() ? options_.claimed_max : 0;
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
  while (true) {
    Claimed next;
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, stop, [this] { return !claimed_.empty(); });
      if (claimed_.empty()) return;
      next = claimed_.front();
    }
    finish(next, attempt(next, stop), stop);
    bool idle = false;
    {
      const std::lock_guard lock(mutex_);
      claimed_.pop_front();
      idle = claimed_.empty();
    }
    if (idle) idle_();
  }
}

Attempted Lane::attempt(const Claimed& claimed, const std::stop_token& stop) {
  const Delivery& delivery = claimed.delivery;
  const bool waited = wait_until(begun_ + pace_, stop);
  begun_ = Clock::now();
  if (!waited || begun_ > claimed.at + options_.hold / 2)
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
    if (again > claimed.at + options_.hold || !wait_until(again, stop)) return;
  }
}

/// False where it was stopped before.
bool Lane::wait_until(Clock::time_point until, const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  changed_.wait_until(lock, stop, until, [] { return false; });
  return !stop.stop_requested();
}

void Lane::note(const std::string& trouble) {
  const std::lock_guard lock(mutex_);
  if (!trouble.empty() && trouble != trouble_) SPDLOG_WARN("{}", trouble);
  trouble_ = trouble;
}

}  // namespace walpulse::monitor
