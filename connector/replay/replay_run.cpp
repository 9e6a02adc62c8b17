#include "connector/replay/replay_run.h"

#include <algorithm>

#include "connector/replay/replay_opening.h"
#include "connector/replay/replay_preflight.h"
#include "connector/replay/resume_command.h"
#include "connector/replay/sink_wait.h"
#include "connector/session/capture_plan.h"
#include "connector/session/introduction_message.h"
#include "connector/session/sink_start.h"
#include "connector/session/withheld_warning.h"
#include "decoder/base/clock.h"
#include "decoder/base/logging.h"
#include "publisher/config/exit_codes.h"

namespace walpulse::connector {
namespace {

using namespace std::chrono_literals;
using Action = ReplayVerdict::Action;

constexpr auto kDrainSlice = 500ms;
constexpr auto kOldestTimeout = 5s;

std::uint64_t rate_of(const ReplayOptions& options, const PublishOptions& publish) {
  return options.rate.value_or(publish.to == "stdout" ? 0 : kReplayRate);
}

std::string text_of(const std::optional<ReplayProgress::Commit>& commit) {
  return commit ? to_string(commit->commit_lsn) + " at " + to_rfc3339(commit->time) : "none";
}

}  // namespace

ReplayRun::ReplayRun(const Invocation& invocation, std::stop_token stop, Wakeup& wakeup)
    : source_(invocation.run.source),
      publish_(invocation.run.publish),
      options_(invocation.replay),
      arguments_(invocation.arguments),
      drain_deadline_(invocation.run.drain_deadline),
      stop_(std::move(stop)),
      wakeup_(wakeup),
      backoff_({.initial = 100ms, .multiplier = 2, .max = 10s}),
      streaming_(invocation.replay.via == ReplayOptions::Via::stream) {}

int ReplayRun::refuse(const std::string& reason, int code) const {
  SPDLOG_ERROR("cannot replay reason={}", reason);
  return code;
}

std::optional<int> ReplayRun::prepare() {
  auto catalog = Catalog::open(source_.dsn, kQuestionTimeout);
  if (!catalog) {
    const bool away = catalog.error().kind == ErrorKind::unavailable;
    return refuse(to_string(catalog.error()), away ? kExitUnavailable : kExitFailed);
  }
  auto found = discover_anchor(**catalog, source_);
  if (!found) {
    const bool gap = found.error().verdict == Verdict::gap;
    const bool away = found.error().verdict == Verdict::retry;
    return refuse(to_string(found.error()), gap ? kExitGap : away ? kExitUnavailable : kExitFailed);
  }
  found_ = std::move(*found);
  catalog_ = std::move(*catalog);
  ReplayFacts facts{.identity = found_->identity,
                    .log_end = found_->server.current_lsn,
                    .now = found_->server.now,
                    .oldest = found_->slot.confirmed_flush_lsn.value_or(Lsn{}),
                    .oldest_commit = std::nullopt};
  auto range = resolve_range(options_, facts);
  if (!range) {
    // The time makes the words better; it takes a look into the log, which only a refusal is worth.
    const auto first =
        catalog_->first_commit_time(anchor_slot(source_), source_.publication, kOldestTimeout);
    if (first) facts.oldest_commit = *first;
    range = resolve_range(options_, facts);
  }
  if (!range) return refuse(to_string(range.error()), kExitFailed);
  range_ = *range;
  journal_.next = range_.from.value_or(Lsn{});
  if (auto opened = open_sink(); !opened) return refuse(to_string(opened.error()), kExitFailed);
  return std::nullopt;
}

Result<void> ReplayRun::open_sink() {
  auto sink = start_sink(publish_);
  if (!sink) return forward(sink);
  sink_ = std::move(*sink);
  publisher::LaneOptions lanes;
  lanes.lane_count = publish_.to == "stdout" ? 1 : publish_.lanes;
  lanes.pending_bytes_max = publish_.pending_bytes_max;
  delivery_ = std::make_unique<Delivery>(
      [this, lanes](publisher::Acknowledged acknowledged) {
        return publisher::make_lane_publisher(*sink_, lanes, std::move(acknowledged));
      },
      wakeup_);
  return {};
}

/// In batches a slot is idle for as long as the rows of its batch are paced; a walsender's never
/// is.
void ReplayRun::keep_slot_in_use(std::uint64_t rate) {
  const auto idle = found_->server.idle_replication_slot_timeout.value_or(0ms);
  if (streaming_ || rate == 0 || idle == 0ms) return;
  SPDLOG_INFO(
      "the server ends a session whose slot is idle for {} s (idle_replication_slot_timeout): a "
      "paced replay is read by streaming, which keeps its slot in use",
      std::chrono::duration_cast<std::chrono::seconds>(idle).count());
  streaming_ = true;
}

int ReplayRun::execute() {
  if (const auto refused = prepare()) return *refused;
  const auto rate = rate_of(options_, publish_);
  keep_slot_in_use(rate);
  pacer_.emplace(rate, Clock::now());
  progress_.emplace("replay", "events");
  SPDLOG_INFO(
      "replaying name={} table={} epoch={} from={} until={} anchor={} oldest={} via={} "
      "rate={} sink={}",
      found_->identity.name, table_list(found_->identity), found_->identity.epoch,
      range_.from_time ? to_rfc3339(*range_.from_time) : to_string(journal_.next),
      range_.until_time     ? to_rfc3339(*range_.until_time)
      : range_.read_until() ? to_string(*range_.read_until())
                            : "interrupted",
      anchor_slot(source_), to_string(found_->slot.confirmed_flush_lsn.value_or(Lsn{})),
      streaming_ ? "stream" : "sql", rate, sink_->name());
  introduce();
  while (!stop_.stop_requested()) {
    if (const auto code = handle(session())) return *code;
  }
  return interrupted();
}

/// Waits until it is delivered; a failure shows with the first event.
void ReplayRun::introduce() {
  const auto now = wall_clock();
  auto message =
      introduction_message(found_->identity, source_of(found_->identity, found_->server).database,
                           source_.publication, now);
  (void)delivery_->publisher().publish(message);  // it is empty: there is room
  (void)drain();
}

ReplayRun::Ended ReplayRun::session() {
  if (!catalog_) {  // another session: the server may be another one
    auto catalog = Catalog::open(source_.dsn, kQuestionTimeout);
    if (!catalog) return tl::unexpected(judge({ReplayPhase::connect, catalog.error()}));
    auto found = discover_anchor(**catalog, source_);
    if (!found) {
      const Failure& failure = found.error();
      const bool passing = failure.verdict == Verdict::retry;
      return tl::unexpected(ReplayVerdict{passing ? Action::retry : Action::fatal,
                                          {passing ? ErrorKind::unavailable : ErrorKind::rejected,
                                           failure.message, failure.remedy}});
    }
    if (found->identity != found_->identity) {
      return tl::unexpected(ReplayVerdict{
          Action::fatal,
          {ErrorKind::rejected, "another epoch began meanwhile: its events are another history"}});
    }
    catalog_ = std::move(*catalog);
    found_ = std::move(*found);
  }
  auto opened = open_replay({.streaming = streaming_,
                             .follow = options_.follow,
                             .rate = rate_of(options_, publish_),
                             .from = start(),
                             .until = range_.read_until()},
                            source_, *found_, std::move(catalog_), wakeup_);
  if (!opened) return tl::unexpected(judge(opened.error()));
  if (!progress_from_) progress_from_ = opened->from;
  decoder::EventDecoder decoder(decoder_options(source_, publish_, *found_));
  ReplaySession session({.range = range_,
                         .ordering_keys = publish_.ordering_keys,
                         .progress_from = *progress_from_,
                         .end_when_caught_up = options_.follow && !streaming_,
                         .reader_left = publish_.to == "stdout" ? &stdout_closed : nullptr},
                        {.source = *opened->source,
                         .decoder = decoder,
                         .delivery = *delivery_,
                         .journal = journal_,
                         .pacer = *pacer_,
                         .progress = *progress_});
  const auto began = Clock::now();
  const auto ended = session.run(stop_);
  if (Clock::now() - began > 5s) backoff_.reset();
  if (!ended) return tl::unexpected(judge(ended.error()));
  opened->source->cancel();
  return *ended;
}

/// Where a session begins: 0/0 = where the anchor stands.
Lsn ReplayRun::start() const { return std::max(journal_.next, range_.from.value_or(Lsn{})); }

ReplayVerdict ReplayRun::judge(const ReplayFault& fault) const {
  ReplayContext context{.streaming = streaming_, .anchor = std::nullopt, .slots_max = 0};
  if (fault.phase != ReplayPhase::publish && fault.phase != ReplayPhase::connect) {
    if (auto catalog = Catalog::open(source_.dsn, kQuestionTimeout)) {
      const auto server = (*catalog)->server();
      auto anchor = (*catalog)->slot(anchor_slot(source_));
      if (server) context.slots_max = server->replication_slots_max;
      if (server && anchor && !says_nothing(server->in_recovery, *anchor)) {
        context.anchor = std::move(*anchor);
      }
    }
  }
  return judge_replay(source_, fault, context);
}

std::optional<int> ReplayRun::handle(const Ended& ended) {
  if (ended) {
    switch (*ended) {
      case ReplayEnd::complete:
        return complete();
      case ReplayEnd::caught_up:
        streaming_ = true;
        return std::nullopt;
      case ReplayEnd::stopped:
        if (publish_.to == "stdout" && stdout_closed()) return kExitStopped;
        return std::nullopt;  // execute() looks
      case ReplayEnd::sink_stuck:
        (void)drain();  // says so
        return std::nullopt;
    }
  }
  if (publish_.to == "stdout" && stdout_closed()) return kExitStopped;  // nobody to finish for
  progress_->clear();
  const ReplayVerdict& verdict = ended.error();
  if (verdict.action == Action::fatal) {
    SPDLOG_ERROR("giving up reason={}", to_string(verdict.error));
    (void)delivery_->publisher().drain(Clock::now() + drain_deadline_);
    if (journal_.event_count > 0) summarize("replayed in part");
    return kExitFailed;
  }
  if (verdict.action == Action::stream) {
    SPDLOG_WARN(
        "a transaction is too large for the server to materialize, going on by streaming "
        "from={} reason={}",
        to_string(start()), to_string(verdict.error));
    streaming_ = true;
    return std::nullopt;
  }
  const auto time = backoff_.next();
  SPDLOG_WARN("cannot read, trying again pause_ms={} from={} reason={}", time.count(),
              to_string(start()), to_string(verdict.error));
  pause(time);
  return std::nullopt;
}

bool ReplayRun::drain() {
  return await_delivery(delivery_->publisher(), stop_, kSinkPatience, [this](const auto& status) {
    catalog_.reset();
    SPDLOG_WARN("the sink takes nothing, the server is let go of until it does sink={} reason={}",
                sink_->name(), status.trouble.empty() ? "no answer" : status.trouble);
  });
}

int ReplayRun::complete() {
  if (!drain()) return interrupted();
  progress_->clear();
  const auto drained = delivery_->publisher().drain(Clock::now() + kDrainSlice);
  if (!drained) {
    if (publish_.to == "stdout" && stdout_closed()) return kExitStopped;
    SPDLOG_ERROR("giving up reason={}: {}", sink_->name(), to_string(drained.error()));
    return kExitFailed;
  }
  summarize("replayed");
  return kExitStopped;
}

/// What was taken whole and is acknowledged; empty: nothing is.
std::optional<Lsn> ReplayRun::resume_from() const {
  AckTracker& tracker = delivery_->tracker();
  if (tracker.idle() && journal_.next != Lsn{}) return journal_.next;
  const Lsn safe = tracker.safe().position;
  return safe == Lsn{} ? range_.from : std::optional(safe);
}

std::string ReplayRun::resume() const {
  std::optional<Lsn> until;
  if (!options_.follow && !options_.until && range_.log_end) {
    until = Lsn{range_.log_end->value - 1};
  }
  return resume_command(arguments_, resume_from(), until);
}

int ReplayRun::interrupted() {
  progress_->clear();
  const auto drained = delivery_->publisher().drain(Clock::now() + drain_deadline_);
  delivery_->tracker().abandon();
  if (!drained)
    SPDLOG_WARN("stopped before all was delivered reason={}", to_string(drained.error()));
  summarize(options_.follow ? "stopped" : "interrupted");
  SPDLOG_INFO("to go on from here: {}", resume());
  return options_.follow ? kExitStopped : kExitInterrupted;
}

void ReplayRun::summarize(const char* how) const {
  const double seconds = std::chrono::duration<double>(Clock::now() - began_at_).count();
  SPDLOG_INFO("{} transactions={} events={} first={} last={} bytes={} seconds={:.1f} rate={:.0f}",
              how, journal_.transaction_count, journal_.event_count, text_of(journal_.first),
              text_of(journal_.last), journal_.byte_count, seconds,
              seconds > 0 ? static_cast<double>(journal_.event_count) / seconds : 0.0);
  const auto& [withheld, columns] = journal_.withheld;
  if (withheld > 0) SPDLOG_WARN("{}", withheld_warning(withheld, columns));
}

void ReplayRun::pause(Clock::duration time) {
  const auto end = Clock::now() + time;
  for (auto now = Clock::now(); now < end && !stop_.stop_requested(); now = Clock::now()) {
    wakeup_.await(end);
    wakeup_.clear();
  }
}

}  // namespace walpulse::connector
