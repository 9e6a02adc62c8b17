#include "monitor/intake/intake.h"

#include <algorithm>
#include <utility>

#include "decoder/base/logging.h"
#include "monitor/ledger/application/message.h"
#include "monitor/ledger/rejected_bound.h"

namespace walpulse::monitor {
namespace {

/// How long a warning stands behind the last message that was set aside.
constexpr std::chrono::minutes kRejectedShown{10};

}  // namespace

Intake::Intake(LedgerWriter& ledger, IntakeOptions options, std::function<Timestamp()> now,
               std::function<void(const SourceAlert&)> notify)
    : ledger_(ledger),
      options_(options),
      now_(std::move(now)),
      notify_(std::move(notify)),
      queue_(options.queue),
      thread_([this] { run(); }) {}

Intake::~Intake() { stop(); }

Result<void> Intake::offer(ReceivedMessage& message, Completion done, Clock::time_point deadline,
                           const std::stop_token& stop) {
  const std::size_t bytes = IntakeQueue::bytes_of(message);
  // What is read of a large one may take several times its bytes: not while it waits.
  if (bytes < options_.queue.large_bytes_min) read_message(message);
  std::unique_lock lock(mutex_);
  const auto has_room = [&] { return queue_.has_room(bytes); };
  const auto decided = [&] { return stopping_ || trouble_ || has_room(); };
  if (!decided()) changed_.wait_until(lock, stop, deadline, decided);
  if (stopping_ || stop.stop_requested()) return fail(ErrorKind::cancelled, "stopping");
  if (trouble_) return tl::unexpected<Error>(*trouble_);
  if (!has_room()) return fail(ErrorKind::timed_out, "the intake's queue is full");
  const bool first = queue_.empty();
  queue_.push(std::move(message), std::move(done), bytes);
  if (first) changed_.notify_all();
  return {};
}

std::string Intake::health() const {
  const std::lock_guard lock(mutex_);
  return trouble_ ? trouble_->message : std::string();
}

std::size_t Intake::queue_bytes() const {
  const std::lock_guard lock(mutex_);
  return queue_.bytes();
}

void Intake::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    changed_.notify_all();
  }
  if (thread_.joinable()) thread_.join();
}

void Intake::run() {
  while (true) {
    IntakeQueue::Group group;
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
      if (queue_.empty()) return;
      group = queue_.take();
      changed_.notify_all();  // There is room again.
    }
    apply(std::move(group));
  }
}

void Intake::apply(IntakeQueue::Group group) {
  for (ReceivedMessage& message : group.messages) read_message(message);  // the large ones
  const Result<ApplyResult> applied = ledger_.apply(group.messages, now_());
  if (!applied) {
    refuse(std::move(group.completions), applied.error());
    return await_ledger();
  }
  for (const SourceAlert& alert : applied->alerts) notify_(alert);
  note_rejected(*applied);
  log_dropped(applied->dropped_count);
  if (applied->happened) options_.happened();
  const std::size_t done = std::min(applied->outcomes.size(), group.completions.size());
  for (std::size_t i = 0; i < done; ++i) group.completions[i](applied->outcomes[i]);
  if (done == group.completions.size()) return;
  group.completions.erase(group.completions.begin(),
                          group.completions.begin() + static_cast<std::ptrdiff_t>(done));
  refuse(std::move(group.completions),
         {ErrorKind::unavailable, "the ledger took only a part of a group: the rest comes again"});
  await_ledger();
}

/// They are acknowledged, so that nothing else says a word of them.
void Intake::note_rejected(const ApplyResult& applied) {
  if (applied.rejected_for.empty()) return;
  const auto count = std::ranges::count_if(applied.outcomes, is_set_aside);
  {
    const std::lock_guard lock(mutex_);
    rejected_.count += static_cast<std::size_t>(count);
    rejected_.last_reason = applied.rejected_for;
    rejected_.last_at = Clock::now();
  }
  if (const auto held_back = rejected_log_.pass())
    SPDLOG_WARN(
        "messages are set aside, `walpulse-monitor redrive --dry-run` lists them messages={} "
        "reason=\"{}\" more_like_it={}",
        count, applied.rejected_for, *held_back);
}

std::string Intake::warning(Clock::time_point now) const {
  const std::lock_guard lock(mutex_);
  if (rejected_.count == 0 || now - rejected_.last_at > kRejectedShown) return {};
  return std::to_string(rejected_.count) +
         " messages were set aside since the start, the last: " + rejected_.last_reason +
         "; `walpulse-monitor redrive --dry-run` lists them";
}

/// Fails what was taken and what waits. Nothing more is taken before the first of them hears of it.
void Intake::refuse(std::vector<Completion> completions, const Error& error) {
  SPDLOG_WARN("the ledger does not answer, messages are refused error=\"{}\"", to_string(error));
  {
    const std::lock_guard lock(mutex_);
    trouble_ = {ErrorKind::unavailable, "the ledger does not answer: " + to_string(error), "",
                error.code};
    for (Completion& waiting : queue_.drop()) completions.push_back(std::move(waiting));
    changed_.notify_all();
  }
  for (const Completion& done : completions) done(tl::unexpected<Error>(error));
}

void Intake::await_ledger() {
  Backoff backoff(options_.backoff);
  while (true) {
    {
      std::unique_lock lock(mutex_);
      if (changed_.wait_for(lock, backoff.next(), [this] { return stopping_; })) return;
    }
    if (ledger_.check()) break;
  }
  SPDLOG_INFO("the ledger answers again");
  const std::lock_guard lock(mutex_);
  trouble_.reset();
}

}  // namespace walpulse::monitor
