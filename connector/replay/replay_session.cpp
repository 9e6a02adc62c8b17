#include "connector/replay/replay_session.h"

#include <algorithm>

#include "decoder/base/overloaded.h"
#include "publisher/database/sql_quote.h"

namespace walpulse::connector {
namespace {

using namespace std::chrono_literals;
using decoder::EventDecoder;

constexpr auto kLongestPause = 1s;

}  // namespace

ReplaySession::ReplaySession(const ReplaySessionOptions& options, const Parts& parts)
    : options_(options), parts_(parts) {
  parts_.decoder.reset();
}

tl::expected<ReplayEnd, ReplayFault> ReplaySession::run(std::stop_token stop) {
  const auto fault = [&](const Error& error) {
    const auto phase = publisher_failed_ ? ReplayPhase::publish : ReplayPhase::read;
    return tl::unexpected<ReplayFault>(ReplayFault{phase, error});
  };
  while (!stop.stop_requested()) {
    const auto now = Clock::now();
    report(now);
    const auto taken = offer();
    if (!taken) return fault(taken.error());
    if (!*taken) {
      if (const auto ended = wait_for_room()) return *ended;
      continue;
    }
    if (now < go_on_at_) {
      parts_.source.wait_without_reading(std::min(go_on_at_, now + kLongestPause));
      continue;
    }
    const auto item = parts_.source.next(now + kLongestPause);
    if (!item) return fault(item.error());
    if (!*item) {
      if (options_.reader_left != nullptr && options_.reader_left()) return ReplayEnd::stopped;
      continue;
    }
    const auto ended = take(**item);
    if (!ended) return fault(ended.error());
    if (*ended) return **ended;
  }
  return ReplayEnd::stopped;
}

Result<ReplaySession::Ended> ReplaySession::take(const ReplayItem& item) {
  if (const auto* row = std::get_if<ReplayRow>(&item)) return take(*row);
  return take(std::get<ReplayReached>(item));
}

Result<ReplaySession::Ended> ReplaySession::take(const ReplayRow& row) {
  auto step = parts_.decoder.feed(row.lsn, row.message);
  if (!step) return forward(step);
  return std::visit(
      Overloaded{[](std::monostate) -> Result<Ended> { return Ended(); },
                 [&](const EventDecoder::Begun& begun) { return begin(begun); },
                 [&](schema::ChangeEvent* event) -> Result<Ended> {
                   if (auto done = emit(event); !done) return forward(done);
                   return Ended();
                 },
                 [&](const EventDecoder::Committed& committed) -> Result<Ended> {
                   commit(committed);
                   return Ended();
                 },
                 [&](const EventDecoder::Replaced& replaced) -> Result<Ended> {
                   if (wanted_) return refuse(replaced);
                   return Ended();
                 },
                 [](const EventDecoder::Foreign&) -> Result<Ended> { return Ended(); }},
      *step);
}

ReplaySession::Ended ReplaySession::take(const ReplayReached& reached) {
  // Within a transaction it may cover what is still to come of it.
  if (in_transaction_ || reached.position == Lsn{}) return std::nullopt;
  ReplayProgress& journal = parts_.journal;
  journal.read = std::max(journal.read, reached.position);
  journal.next = std::max(journal.next, reached.position);
  if (parts_.delivery.tracker().idle()) parts_.source.delivered(reached.position);
  const auto until = options_.range.read_until();
  if (until && reached.position >= *until) return ReplayEnd::complete;
  if (options_.end_when_caught_up) return ReplayEnd::caught_up;
  return std::nullopt;
}

Result<ReplaySession::Ended> ReplaySession::begin(const EventDecoder::Begun& begun) {
  const ReplayRange& range = options_.range;
  if (range.ends_before(begun.commit_lsn)) return Ended(ReplayEnd::complete);
  ReplayProgress& journal = parts_.journal;
  if (!journal.begun && range.from_time && begun.commit_time > *range.from_time) {
    return tl::unexpected<Error>(
        older_than_anchor(to_rfc3339(*range.from_time), {.identity = {},
                                                         .log_end = {},
                                                         .now = {},
                                                         .oldest = options_.progress_from,
                                                         .oldest_commit = begun.commit_time}));
  }
  journal.begun = in_transaction_ = true;
  change_count_ = 0;
  wanted_ = begun.commit_lsn >= journal.next && range.holds(begun.commit_lsn, begun.commit_time);
  if (!wanted_) return Ended();
  if (journal.open == begun.commit_lsn) return Ended();  // it goes on where it was cut
  parts_.delivery.tracker().begin();
  journal.open = begun.commit_lsn;
  journal.open_count = 0;
  return Ended();
}

/// All that one change became is taken at once: where a lost connection brings it again, none of it
/// is left out.
Result<void> ReplaySession::emit(schema::ChangeEvent* event) {
  ReplayProgress& journal = parts_.journal;
  const std::uint64_t change = change_count_++;
  if (!wanted_ || change < journal.open_count) return {};
  std::uint64_t count = 0;
  for (; event != nullptr; event = parts_.decoder.next(), ++count) {
    if (auto written = enqueue(*event); !written) return written;
  }
  journal.open_count = change + 1;
  if (auto withheld = parts_.decoder.take_withheld(); withheld.count > 0) {
    journal.withheld.count += withheld.count;
    journal.withheld.columns = std::move(withheld.columns);
  }
  const auto now = Clock::now();
  go_on_at_ = now + parts_.pacer.spend(count, now);
  if (auto taken = offer(); !taken) return forward(taken);
  return {};
}

Result<void> ReplaySession::enqueue(schema::ChangeEvent& event) {
  ReplayProgress& journal = parts_.journal;
  const auto written =
      write_event_message(event, {.ordering_keys = options_.ordering_keys, .replay = true}, spare_);
  if (!written) {
    publisher_failed_ = true;
    return forward(written);
  }
  spare_.can_linger = true;
  spare_.ticket = parts_.delivery.tracker().take();
  ++journal.event_count;
  journal.byte_count += spare_.data.size();
  journal.pending.push_back(std::move(spare_));
  return {};
}

/// Another table bears the name from here on: it has an epoch of its own to come.
tl::unexpected<Error> ReplaySession::refuse(const EventDecoder::Replaced& replaced) const {
  const std::string older = parts_.journal.event_count > 0 ? "what is older was replayed"
                                                           : "nothing of the range is older";
  return fail(ErrorKind::rejected,
              "in the transaction at " + to_string(parts_.journal.open.value_or(Lsn{})) +
                  " another table (oid " + std::to_string(replaced.by.value) +
                  ") bears the captured one's name, " + database::quote_table(*replaced.name) +
                  ": " + older,
              "give an --until before it");
}

void ReplaySession::commit(const EventDecoder::Committed& committed) {
  ReplayProgress& journal = parts_.journal;
  in_transaction_ = false;
  if (wanted_) {
    parts_.delivery.tracker().commit({committed.end_lsn, committed.commit_time});
    journal.open.reset();
    if (committed.change_count > 0) {
      ++journal.transaction_count;
      journal.last = {committed.commit_lsn, committed.commit_time};
      if (!journal.first) journal.first = journal.last;
    }
  }
  wanted_ = false;
  journal.next = std::max(journal.next, committed.end_lsn);
  journal.read = std::max(journal.read, committed.end_lsn);
  parts_.source.delivered(parts_.delivery.tracker().safe().position);
}

Result<bool> ReplaySession::offer() {
  auto& pending = parts_.journal.pending;
  while (!pending.empty()) {
    auto taken = parts_.delivery.publisher().publish(pending.front());
    publisher_failed_ = !taken;
    if (!taken || !*taken) return taken;
    spare_ = std::move(pending.front());
    pending.pop_front();
  }
  return true;
}

ReplaySession::Ended ReplaySession::wait_for_room() {
  parts_.source.wait_without_reading(Clock::now() +
                                     kLongestPause);  // an acknowledgement calls for attention
  const auto since = parts_.delivery.status().waiting_since;
  if (since && Clock::now() - *since > options_.sink_patience) return ReplayEnd::sink_stuck;
  return std::nullopt;
}

void ReplaySession::report(Clock::time_point now) {
  if (!parts_.progress.due(now)) return;
  const ReplayProgress& journal = parts_.journal;
  const auto from = options_.progress_from.value;
  WorkProgress progress;
  progress.done = journal.read.value > from ? journal.read.value - from : 0;
  if (const auto until = options_.range.read_until()) {
    progress.total = until->value > from ? until->value - from : 0;
  }
  progress.count = journal.event_count;
  progress.where = to_string(journal.read);
  parts_.progress.update(progress, now);
}

}  // namespace walpulse::connector
