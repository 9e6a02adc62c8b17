#include "monitor/intake/pull_intake.h"

#include <algorithm>
#include <utility>

#include "decoder/base/logging.h"
#include "publisher/telemetry/trace_context.h"

namespace walpulse::monitor {

/// The messages of one pull. Shared with their completions, which may come after a stop gave up.
struct PullIntake::Batch {
  enum class Fate { waiting, done, acknowledged, given_back, deferred, waits };

  std::vector<std::string> ack_ids;
  std::vector<std::string> traceparents;  ///< What the publishers sent along, if they did.
  Clock::time_point extend_at;

  std::mutex mutex;
  std::condition_variable_any changed;
  std::vector<Fate> fates;
  std::size_t waiting = 0;

  void decide(std::size_t index, const Result<Outcome>& outcome) {
    const std::lock_guard lock(mutex);
    fates[index] = !outcome                        ? Fate::given_back
                   : *outcome == Outcome::deferred ? Fate::deferred
                   : *outcome == Outcome::waits    ? Fate::waits
                                                   : Fate::done;
    if (--waiting == 0) changed.notify_all();
  }
  /// Views of `ack_ids`, here and below.
  std::vector<std::string_view> ids(Fate fate) {
    const std::lock_guard lock(mutex);
    return ids_locked(fate);
  }
  /// Of the first of them.
  std::string traceparent(Fate fate) {
    const std::lock_guard lock(mutex);
    const auto first = std::find(fates.begin(), fates.end(), fate) - fates.begin();
    return traceparents.at(static_cast<std::size_t>(first));
  }
  /// Those that are done; they are `acknowledged` from here on.
  std::vector<std::string_view> take_done() {
    const std::lock_guard lock(mutex);
    auto found = ids_locked(Fate::done);
    std::replace(fates.begin(), fates.end(), Fate::done, Fate::acknowledged);
    return found;
  }

 private:
  std::vector<std::string_view> ids_locked(Fate fate) const {
    std::vector<std::string_view> found;
    found.reserve(fates.size());
    for (std::size_t i = 0; i < fates.size(); ++i) {
      if (fates[i] == fate) found.push_back(ack_ids[i]);
    }
    return found;
  }
};

PullIntake::PullIntake(Intake& intake, pubsub::Client& pubsub, ProcessMetrics& metrics,
                       PullOptions options)
    : intake_(intake), pubsub_(pubsub), metrics_(metrics), options_(std::move(options)) {
  for (std::size_t i = 0; i < options_.pulls; ++i) {
    threads_.emplace_back([this](std::stop_token stop) { run(std::move(stop)); });
  }
}

PullIntake::~PullIntake() { request_stop(); }

void PullIntake::request_stop() {
  for (std::jthread& thread : threads_) thread.request_stop();
}

std::string PullIntake::trouble(std::chrono::milliseconds patience) const {
  const std::lock_guard lock(mutex_);
  return trouble_since_ && Clock::now() - *trouble_since_ >= patience ? trouble_ : std::string();
}

void PullIntake::run(std::stop_token stop) {
  Backoff failed(options_.backoff);
  Backoff given_back(options_.backoff);
  while (!stop.stop_requested()) {
    auto received =
        pubsub_.pull(options_.subscription, options_.messages_max, options_.pull_timeout, stop);
    if (stop.stop_requested() && !received) return;
    // A long poll that ends without an answer is a quiet subscription.
    if (!received && received.error().kind != ErrorKind::timed_out) {
      note(&received.error());
      pause(failed.next(), stop);
      continue;
    }
    failed.reset();
    note(nullptr);
    if (received && !received->empty()) take(std::move(*received), given_back, stop);
  }
}

void PullIntake::take(std::vector<pubsub::ReceivedMessage> received, Backoff& backoff,
                      std::stop_token stop) {
  const auto batch = std::make_shared<Batch>();
  batch->traceparents.reserve(received.size());
  for (const auto& each : received)
    batch->traceparents.push_back(telemetry::traceparent_of(each.message.attributes));
  batch->extend_at = Clock::now() + options_.first_extension_after;
  batch->waiting = received.size();
  batch->fates.resize(received.size(), Batch::Fate::waiting);
  batch->ack_ids.reserve(received.size());
  for (auto& each : received) batch->ack_ids.push_back(std::move(each.ack_id));

  offer(received, batch, stop);
  await(*batch, stop);
  acknowledge(*batch, stop);
  const auto given_back = batch->ids(Batch::Fate::given_back);
  if (const auto deferred = batch->ids(Batch::Fate::deferred); !deferred.empty()) {
    const telemetry::TraceScope trace(batch->traceparent(Batch::Fate::deferred));
    defer(deferred, stop);
  }
  if (const auto waiting = batch->ids(Batch::Fate::waits); !waiting.empty())
    put_off(waiting, options_.waits_for, stop);
  if (given_back.empty()) return backoff.reset();
  if (stop.stop_requested()) return;  // Their deadline passes: no need to hurry another instance.
  if (const auto held_back = given_back_log_.pass()) {
    SPDLOG_WARN(
        "messages are given back: the ledger cannot take them now messages={} "
        "more_like_it={}",
        given_back.size(), *held_back);
  }
  // First the pause, then the refusal: a refused message comes again at once.
  pause(backoff.next(), stop);
  if (const auto refused =
          pubsub_.modify_ack_deadline(options_.subscription, given_back, std::chrono::seconds(0),
                                      pubsub::Client::kCallTimeout, stop);
      !refused) {
    note(&refused.error());
  }
}

/// At once they would only come again, and again.
void PullIntake::defer(const std::vector<std::string_view>& ids, std::stop_token stop) {
  for (std::size_t i = 0; i < ids.size(); ++i) metrics_.count_deferred();
  if (const auto held_back = deferred_log_.pass()) {
    SPDLOG_ERROR(
        "messages have a schema version that this build does not know, update the monitor "
        "messages={} more_like_it={}",
        ids.size(), *held_back);
  }
  put_off(ids, options_.deferred_for, std::move(stop));
}

void PullIntake::put_off(const std::vector<std::string_view>& ids, std::chrono::seconds time,
                         std::stop_token stop) {
  const auto done = pubsub_.modify_ack_deadline(options_.subscription, ids, time,
                                                pubsub::Client::kCallTimeout, std::move(stop));
  if (!done) note(&done.error());
}

void PullIntake::offer(std::vector<pubsub::ReceivedMessage>& received,
                       const std::shared_ptr<Batch>& batch, std::stop_token stop) {
  for (std::size_t i = 0; i < received.size(); ++i) {
    auto& from = received[i].message;
    ReceivedMessage message{std::move(from.data), std::move(from.attributes),
                            std::move(from.message_id)};
    const auto done = [batch, i](const Result<Outcome>& outcome) { batch->decide(i, outcome); };
    auto taken = intake_.offer(message, done, batch->extend_at, stop);
    while (!taken && taken.error().kind == ErrorKind::timed_out) {
      extend(*batch, stop);
      taken = intake_.offer(message, done, batch->extend_at, stop);
    }
    if (!taken) batch->decide(i, forward(taken));
  }
}

void PullIntake::await(Batch& batch, std::stop_token stop) {
  std::optional<Clock::time_point> give_up;
  std::unique_lock lock(batch.mutex);
  const auto finished = [&] { return batch.waiting == 0; };
  while (!finished()) {
    if (!give_up && stop.stop_requested()) give_up = Clock::now() + options_.stop_deadline;
    if (give_up) {
      batch.changed.wait_until(lock, *give_up, finished);
      return;
    }
    if (batch.changed.wait_until(lock, stop, batch.extend_at, finished)) return;
    if (stop.stop_requested()) continue;
    lock.unlock();
    extend(batch, stop);
    lock.lock();
  }
}

void PullIntake::extend(Batch& batch, std::stop_token stop) {
  // What is durable already must not come again because the rest takes long.
  acknowledge(batch, stop);
  const auto ids = batch.ids(Batch::Fate::waiting);
  batch.extend_at = Clock::now() + options_.extension / 2;
  if (ids.empty()) return;
  const auto extended = pubsub_.modify_ack_deadline(options_.subscription, ids, options_.extension,
                                                    pubsub::Client::kCallTimeout, std::move(stop));
  if (!extended) note(&extended.error());
}

void PullIntake::acknowledge(Batch& batch, std::stop_token stop) {
  const auto ids = batch.take_done();
  if (ids.empty()) return;
  Result<void> acknowledged = fail(ErrorKind::cancelled, "stopping");
  for (int attempt = 0; attempt < 2 && !acknowledged && !stop.stop_requested(); ++attempt) {
    if (attempt > 0 && !retryable(acknowledged.error())) break;
    acknowledged =
        pubsub_.acknowledge(options_.subscription, ids, pubsub::Client::kCallTimeout, stop);
  }
  if (!acknowledged && stop.stop_requested()) {
    acknowledged = pubsub_.acknowledge(options_.subscription, ids, options_.last_acknowledgement);
  }
  // They come again then, and change nothing.
  if (!acknowledged) note(&acknowledged.error());
}

void PullIntake::note(const Error* error) {
  const std::lock_guard lock(mutex_);
  if (error == nullptr) {
    if (trouble_since_) SPDLOG_INFO("pulling again subscription={}", options_.subscription);
    trouble_since_.reset();
    return;
  }
  if (!trouble_since_) trouble_since_ = Clock::now();
  trouble_ = "pulling from " + options_.subscription + " fails: " + error->message;
  if (const auto held_back = trouble_log_.pass()) {
    SPDLOG_WARN("pulling fails, will retry subscription={} error=\"{}\" more_like_it={}",
                options_.subscription, error->message, *held_back);
  }
}

void PullIntake::pause(std::chrono::milliseconds duration, std::stop_token stop) {
  std::unique_lock lock(mutex_);
  paused_.wait_for(lock, stop, duration, [] { return false; });
}

}  // namespace walpulse::monitor
