#include "monitor/ledger/history_gate.h"

#include <utility>

#include "monitor/ledger/catalogue.h"
#include "monitor/ledger/stays.h"
#include "publisher/telemetry/trace_context.h"

namespace walpulse::monitor {
namespace {

using Verdict = Epochs::Verdict;

schema::Introduction introduction_of(const schema::Heartbeat& beat) {
  return {beat.name,     beat.table,       beat.epoch,   beat.system_identifier,
          beat.database, beat.publication, beat.follows, beat.sent_at};
}

std::string table_of(const schema::SnapshotEnd& end) { return end.schema + '.' + end.table; }

}  // namespace

HistoryGate::HistoryGate(Transaction& transaction, const Context& context, IntakeTime settle,
                         SeriesChanges& changes, std::vector<Notice>& notices)
    : transaction_(transaction),
      clock_(context.intake),
      settle_(settle),
      changes_(changes),
      notices_(notices),
      epochs_(transaction, context) {}

HistoryGate::Subject HistoryGate::of(const ChangeMessage& change) {
  return {change.name, change.table, change.entry.position.epoch, change.run,
          change.entry.commit_time};
}

HistoryGate::Subject HistoryGate::of(const schema::Heartbeat& heartbeat) {
  return {heartbeat.name, heartbeat.table, heartbeat.epoch, 0, heartbeat.sent_at, false};
}

std::optional<Refusal> HistoryGate::check(const ChangeMessage& change, const Incoming& incoming) {
  const Verdict verdict = epochs_.check(change);
  if (verdict == Verdict::fits) return std::nullopt;
  return judge(verdict, of(change), incoming);
}

std::optional<Refusal> HistoryGate::check(const schema::SnapshotEnd& end,
                                          const Incoming& incoming) {
  const std::string table = table_of(end);
  return judge(epochs_.check(end.name, table, end.epoch),
               {end.name, table, end.epoch, 0, end.snapshot_at}, incoming);
}

std::optional<Refusal> HistoryGate::check(const schema::Introduction& said,
                                          const Incoming& incoming) {
  return judge(epochs_.introduce(said), {said.name, said.table, said.epoch, 0, said.sent_at, false},
               incoming);
}

std::optional<Refusal> HistoryGate::check(const schema::Heartbeat& heartbeat,
                                          const Incoming& incoming) {
  return judge(epochs_.introduce(introduction_of(heartbeat)), of(heartbeat), incoming);
}

Refusal HistoryGate::contradicts(const ChangeMessage& change, const Incoming& incoming) {
  const Subject subject = of(change);
  return *judge(epochs_.latch(subject.name, subject.table, subject.epoch), subject, incoming);
}

void HistoryGate::follow(const schema::Heartbeat& heartbeat, bool is_new, const SourceRow& source,
                         const Incoming& incoming) {
  const Subject subject = of(heartbeat);
  if (is_new) epochs_.lives(subject.name, subject.table, subject.epoch);
  const EpochRow& epoch = epochs_.row(subject.name, subject.table, subject.epoch);
  if (const auto stay = stay_of(heartbeat); stay && !keep_stay(transaction_, epoch, *stay))
    judge(epochs_.latch(subject.name, subject.table, subject.epoch), subject, incoming);
  auto known = watermarks_.find(source.id);
  if (known == watermarks_.end())
    known = watermarks_
                .emplace(source.id, Watermark::decode(transaction_.sources().watermark(source.id)))
                .first;
  known->second.take(heartbeat, clock_, settle_);
}

void HistoryGate::note_late(const ChangeMessage& change, const SourceRow& source,
                            const Incoming& incoming) {
  const schema::Position& position = change.entry.position;
  const bool live = !change.replay && change.operation != schema::Operation::read;
  if (!live || !source.delivered || position.epoch != source.delivered->epoch ||
      position > *source.delivered)
    return;
  changes_.count(catalogue().late_event_count, source.name, {});
  if (!std::exchange(told_late_, true)) tell(Notice::Kind::late_event, of(change), incoming);
}

std::optional<Refusal> HistoryGate::judge(Verdict verdict, const Subject& subject,
                                          const Incoming& incoming) {
  switch (verdict) {
    case Verdict::fits:
      return std::nullopt;
    case Verdict::waits:
      return Refusal{Outcome::waits, ""};
    case Verdict::refused_first:
      tell_gap(Notice::Kind::name_taken, "name_taken", subject, incoming);
      [[fallthrough]];
    case Verdict::refused:
      return Refusal{Outcome::refused,
                     subject.counts ? name_taken_reason(subject.name, subject.epoch) : ""};
    case Verdict::conflicts_first:
      tell_gap(Notice::Kind::conflict, "conflict", subject, incoming);
      [[fallthrough]];
    case Verdict::conflicts:
      break;
  }
  return Refusal{Outcome::conflict, subject.counts ? std::string(kConflictReason) : ""};
}

void HistoryGate::tell_gap(Notice::Kind kind, const char* reason, const Subject& subject,
                           const Incoming& incoming) {
  changes_.count(catalogue().gap_count, subject.name, {{"reason", reason}});
  tell(kind, subject, incoming);
}

void HistoryGate::tell(Notice::Kind kind, const Subject& subject, const Incoming& incoming) {
  Notice notice;
  notice.kind = kind;
  notice.source = subject.name + '/' + subject.table;
  notice.run_id = subject.run;
  notice.at = subject.at;
  notice.epoch = subject.epoch;
  notice.traceparent = telemetry::traceparent_of(incoming.attributes);
  notices_.push_back(std::move(notice));
}

std::vector<std::int64_t> HistoryGate::watermarked() const {
  std::vector<std::int64_t> sources;
  for (const auto& [source, watermark] : watermarks_) sources.push_back(source);
  return sources;
}

void HistoryGate::save_watermark(std::int64_t source) {
  const auto at = watermarks_.find(source);
  if (at != watermarks_.end())
    transaction_.sources().save_watermark(source, at->second.encode(), at->second.delivered());
}

}  // namespace walpulse::monitor
