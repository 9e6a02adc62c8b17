#include "monitor/ledger/application/history_gate.h"

#include <utility>

#include "monitor/ledger/application/stays.h"
#include "monitor/ledger/counting/metric_descriptors.h"
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
                         SeriesChanges& changes, std::vector<SourceAlert>& alerts)
    : transaction_(transaction),
      clock_(context.intake),
      settle_(settle),
      changes_(changes),
      alerts_(alerts),
      epochs_(transaction, context) {}

HistoryGate::Subject HistoryGate::of(const ChangeMessage& change) {
  return {change.name, change.table, change.entry.position.epoch, change.entry.commit_time};
}

HistoryGate::Subject HistoryGate::of(const schema::Heartbeat& heartbeat) {
  return {heartbeat.name, heartbeat.table, heartbeat.epoch, heartbeat.sent_at, false};
}

std::optional<Refusal> HistoryGate::check(const ChangeMessage& change,
                                          const ReceivedMessage& received) {
  const Verdict verdict = epochs_.check(change);
  if (verdict == Verdict::fits) return std::nullopt;
  return judge(verdict, of(change), received);
}

std::optional<Refusal> HistoryGate::check(const schema::SnapshotEnd& end,
                                          const ReceivedMessage& received) {
  const std::string table = table_of(end);
  return judge(epochs_.check(end.name, table, end.epoch),
               {end.name, table, end.epoch, end.snapshot_at}, received);
}

std::optional<Refusal> HistoryGate::check(const schema::Introduction& said,
                                          const ReceivedMessage& received) {
  return judge(epochs_.introduce(said), {said.name, said.table, said.epoch, said.sent_at, false},
               received);
}

std::optional<Refusal> HistoryGate::check(const schema::Heartbeat& heartbeat,
                                          const ReceivedMessage& received) {
  return judge(epochs_.introduce(introduction_of(heartbeat)), of(heartbeat), received);
}

Refusal HistoryGate::contradicts(const ChangeMessage& change, const ReceivedMessage& received) {
  const Subject subject = of(change);
  return *judge(epochs_.latch(subject.name, subject.table, subject.epoch), subject, received);
}

void HistoryGate::follow(const schema::Heartbeat& heartbeat, bool is_new, const SourceRow& source,
                         const ReceivedMessage& received) {
  const Subject subject = of(heartbeat);
  if (is_new) epochs_.lives(subject.name, subject.table, subject.epoch);
  const EpochRow& epoch = epochs_.row(subject.name, subject.table, subject.epoch);
  if (const auto stay = stay_of(heartbeat); stay && !keep_stay(transaction_, epoch, *stay))
    judge(epochs_.latch(subject.name, subject.table, subject.epoch), subject, received);
  auto known = watermarks_.find(source.id);
  if (known == watermarks_.end())
    known = watermarks_
                .emplace(source.id, Watermark::decode(transaction_.sources().watermark(source.id)))
                .first;
  known->second.take(heartbeat, clock_, settle_);
}

void HistoryGate::note_late(const ChangeMessage& change, const SourceRow& source,
                            const ReceivedMessage& received) {
  const schema::Position& position = change.entry.position;
  const bool live = !change.replay && change.operation != schema::Operation::read;
  if (!live || !source.delivered || position.epoch != source.delivered->epoch ||
      position > *source.delivered)
    return;
  changes_.count(metric_descriptors().late_event_count, source.name, {});
  if (!std::exchange(told_late_, true)) raise(SourceAlert::Kind::late_event, of(change), received);
}

std::optional<Refusal> HistoryGate::judge(Verdict verdict, const Subject& subject,
                                          const ReceivedMessage& received) {
  switch (verdict) {
    case Verdict::fits:
      return std::nullopt;
    case Verdict::waits:
      return Refusal{Outcome::waits, ""};
    case Verdict::refused_first:
      raise_gap(SourceAlert::Kind::name_taken, "name_taken", subject, received);
      [[fallthrough]];
    case Verdict::refused:
      return Refusal{Outcome::refused,
                     subject.counts ? name_taken_reason(subject.name, subject.epoch) : ""};
    case Verdict::conflicts_first:
      raise_gap(SourceAlert::Kind::conflict, "conflict", subject, received);
      [[fallthrough]];
    case Verdict::conflicts:
      break;
  }
  return Refusal{Outcome::conflict, subject.counts ? std::string(kConflictReason) : ""};
}

void HistoryGate::raise_gap(SourceAlert::Kind kind, const char* reason, const Subject& subject,
                            const ReceivedMessage& received) {
  changes_.count(metric_descriptors().gap_count, subject.name, {{"reason", reason}});
  raise(kind, subject, received);
}

void HistoryGate::raise(SourceAlert::Kind kind, const Subject& subject,
                        const ReceivedMessage& received) {
  SourceAlert alert;
  alert.kind = kind;
  alert.source = subject.name + '/' + subject.table;
  alert.at = subject.at;
  alert.epoch = subject.epoch;
  alert.traceparent = telemetry::traceparent_of(received.attributes);
  alerts_.push_back(std::move(alert));
}

std::vector<std::int64_t> HistoryGate::watermarked() const {
  std::vector<std::int64_t> sources;
  for (const auto& [source, watermark] : watermarks_) sources.push_back(source);
  return sources;
}

void HistoryGate::save_watermark(std::int64_t source) {
  const auto at = watermarks_.find(source);
  if (at != watermarks_.end())
    transaction_.sources().save_watermark(source, at->second.encode(), at->second.delivered(),
                                          at->second.as_of());
}

}  // namespace walpulse::monitor
