#include "monitor/ledger/group_application.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "monitor/ledger/catalogue.h"
#include "publisher/gcp/trace_context.h"

namespace walpulse::monitor {
namespace {

using schema::Operation;

/// So many runs at most are taken out of their wait in one transaction.
constexpr std::size_t kWaitingMax = 100;

char operation_of(const ParsedMessage& parsed) {
  if (const auto* change = std::get_if<ChangeMessage>(&parsed.message()))
    return static_cast<char>(change->operation);
  const std::string_view named = parsed.incoming->attributes.find("op");
  return named.size() == 1 ? named.front() : '?';
}

}  // namespace

Intent intent_of(std::span<const ParsedMessage> group) {
  const bool truncates = std::any_of(group.begin(), group.end(), [](const ParsedMessage& parsed) {
    const auto* change = std::get_if<ChangeMessage>(&parsed.message());
    return change != nullptr && change->operation == schema::Operation::truncate;
  });
  return truncates ? Intent::exclusive : Intent::share;
}

GroupApplication::GroupApplication(Storage& storage, LabelLimits& limits,
                                   const LedgerOptions& options, Timestamp now, Arrival arrival)
    : storage_(storage),
      options_(options),
      now_(now),
      arrival_(arrival),
      context_(storage.context()),
      epochs_(context_.epochs),
      labels_(storage, limits, changes_),
      steps_(labels_, options),
      tallies_(options.delivery_latency_bounds) {}

Applied GroupApplication::apply(std::span<const ParsedMessage> group) {
  load(group);
  for (const ParsedMessage& parsed : group) {
    applied_.outcomes.push_back(apply(parsed));
    tally(parsed, applied_.outcomes.back());
  }
  std::vector<RunKey> concerned = storage_.waiting_runs(now_ - options_.insert_wait, kWaitingMax);
  for (const std::int64_t source : ended_)
    for (const RunKey& key : storage_.active_runs(source)) concerned.push_back(key);
  evaluate(concerned);
  save();
  return std::move(applied_);
}

void GroupApplication::settle() {
  std::vector<RunKey> concerned;
  for (SourceRow& source : context_.sources)
    for (const RunKey& key : settle_snapshots(storage_, source)) concerned.push_back(key);
  evaluate(concerned);
  save();
}

/// These, and those that something arrived for.
void GroupApplication::evaluate(const std::vector<RunKey>& concerned) {
  runs_.load(storage_, concerned);
  for (const RunKey& key : concerned)
    if (TouchedRun* touched = runs_.find(key)) touched->due = true;
  for (TouchedRun& touched : runs_.all())
    if (touched.due) evaluate(touched);
}

SourceRow& GroupApplication::source_of(std::int64_t id) {
  return *std::find_if(context_.sources.begin(), context_.sources.end(),
                       [&](const SourceRow& source) { return source.id == id; });
}

/// A source never heard of is kept at once.
SourceRow& GroupApplication::source_of(const std::string& name, const std::string& table) {
  const auto known = std::find_if(
      context_.sources.begin(), context_.sources.end(),
      [&](const SourceRow& source) { return source.name == name && source.table == table; });
  if (known != context_.sources.end()) return *known;
  SourceRow& source = context_.sources.emplace_back();
  source.name = name;
  source.table = table;
  storage_.save_source(source);
  return source;
}

void GroupApplication::load(std::span<const ParsedMessage> group) {
  std::vector<RunKey> keys;
  keys.reserve(group.size());
  for (const ParsedMessage& parsed : group) {
    const auto* change = std::get_if<ChangeMessage>(&parsed.message());
    if (change == nullptr) continue;
    const std::int64_t source = source_of(change->name, change->table).id;
    if (change->operation != Operation::truncate) keys.push_back({source, change->run});
  }
  runs_.load(storage_, std::move(keys));
}

Outcome GroupApplication::apply(const ParsedMessage& parsed) {
  if (const auto* change = std::get_if<ChangeMessage>(&parsed.message()))
    return apply(*change, *parsed.incoming);
  if (const auto* heartbeat = std::get_if<schema::Heartbeat>(&parsed.message())) {
    if (!connectors_) connectors_.emplace(storage_, context_.birth, now_);
    return connectors_->apply(*heartbeat, parsed.incoming->data, changes_);
  }
  if (const auto* end = std::get_if<schema::SnapshotEnd>(&parsed.message()))
    return apply(*end, *parsed.incoming);
  if (const auto* invalid = std::get_if<InvalidMessage>(&parsed.message())) {
    reject(*parsed.incoming, invalid->reason);
    return Outcome::invalid;
  }
  return Outcome::deferred;
}

Outcome GroupApplication::apply(const ChangeMessage& change, const Incoming& incoming) {
  const Epochs::Verdict verdict = epochs_.check(change);
  if (verdict != Epochs::Verdict::fits) return conflict(verdict, change, incoming);
  SourceRow& source = source_of(change.name, change.table);
  const bool read = change.operation == Operation::read;
  if (read) note_snapshot(source);
  if (change.operation == Operation::truncate) return apply_end(source, change);
  TouchedRun* touched = runs_.find({source.id, change.run});
  if (touched == nullptr) return Outcome::unchanged;  // the storage's error latched
  Run& run = touched->stored.run;
  // Of a run that is not known all that lies behind the pruned ones may have been counted before.
  if (!touched->stored.known && run.timeline.empty()) run.floor = source.floor;
  const Entry& entry = change.entry;
  if (const Entry* known = find(run.timeline, entry.position)) {
    // Two snapshots may read at one position, each at its own time.
    const bool same = read || known->commit_time == entry.commit_time;
    return same ? Outcome::unchanged : conflict(epochs_.latch(change), change, incoming);
  }
  if (run.floor && entry.position <= *run.floor) return Outcome::pruned;
  insert(run.timeline, entry);
  if (read) snapshot_rows_.add(source, change.run, entry.position);
  touched->arrived.push_back({entry.position, &incoming});
  touched->replayed = touched->replayed && change.replay;
  touched->due = true;
  if (change.operation == Operation::insert) {
    if (!source.last_created || *source.last_created < entry.commit_time) {
      source.last_created = entry.commit_time;
      changed_sources_.insert(source.id);
    }
  }
  return Outcome::applied;
}

Outcome GroupApplication::apply_end(SourceRow& source, const ChangeMessage& change) {
  if (find(source.ends, change.entry.position) != nullptr) return Outcome::unchanged;
  insert(source.ends, change.entry);
  storage_.add_end(source.id, change.entry);
  ended_.push_back(source.id);
  return Outcome::applied;
}

Outcome GroupApplication::apply(const schema::SnapshotEnd& end, const Incoming& incoming) {
  const SnapshotEndRow row = make_end_row(end);
  const std::string table = end.schema + '.' + end.table;
  const Epochs::Verdict verdict = epochs_.check_snapshot(end.name, row.position, row.time);
  if (verdict != Epochs::Verdict::fits)
    return conflict(verdict, end.name, table, 0, row.time, incoming);
  SourceRow& source = source_of(end.name, table);
  const auto& known = source.snapshot_ends;
  const bool is_known = std::any_of(known.begin(), known.end(),
                                    [&](const SnapshotEndRow& each) { return each.same(row); });
  if (!is_known && !superseded(source, row.position)) {
    source.snapshot_ends.push_back(row);
    storage_.save_snapshot_end(source.id, row);
    unsettled_ = true;
    return Outcome::applied;
  }
  note_snapshot(source);
  return Outcome::unchanged;
}

void GroupApplication::note_snapshot(const SourceRow& source) {
  for (const SnapshotEndRow& end : source.snapshot_ends) unsettled_ = unsettled_ || !end.complete;
}

Outcome GroupApplication::conflict(Epochs::Verdict verdict, const ChangeMessage& change,
                                   const Incoming& incoming) {
  return conflict(verdict, change.name, change.table, change.run, change.entry.commit_time,
                  incoming);
}

Outcome GroupApplication::conflict(Epochs::Verdict verdict, const std::string& name,
                                   const std::string& table, std::int64_t run, Timestamp when,
                                   const Incoming& incoming) {
  reject(incoming, "conflict: the database was restored without `recover`");
  if (verdict == Epochs::Verdict::conflicts_first) {
    changes_.count(catalogue().gap_count, name, {{"reason", "conflict"}});
    Notice notice;
    notice.kind = Notice::Kind::conflict;
    notice.source = name + '/' + table;
    notice.run_id = run;
    notice.at = when;
    notice.traceparent = gcp::traceparent_of(incoming.attributes);
    applied_.notices.push_back(std::move(notice));
  }
  return Outcome::conflict;
}

void GroupApplication::reject(const Incoming& incoming, std::string reason) {
  if (arrival_ == Arrival::again) return;
  storage_.add_rejected({0, incoming.message_id, now_, std::move(reason), incoming.data,
                         incoming.attributes.unpacked()});
}

void GroupApplication::tally(const ParsedMessage& parsed, Outcome outcome) {
  const auto* change = std::get_if<ChangeMessage>(&parsed.message());
  if (outcome == Outcome::deferred) return;  // comes again
  const bool rejected = outcome == Outcome::invalid || outcome == Outcome::conflict;
  if (rejected && arrival_ == Arrival::again) return;
  if (std::holds_alternative<schema::Heartbeat>(parsed.message()) ||
      std::holds_alternative<schema::SnapshotEnd>(parsed.message()))
    return;
  static const std::string kUnknownSource(kUnknown);
  const std::string& source = change != nullptr ? change->name : kUnknownSource;
  tallies_.count(source, operation_of(parsed), outcome);
  if (outcome != Outcome::applied || change->replay || change->operation == Operation::read ||
      arrival_ == Arrival::again)
    return;
  tallies_.delivered(source, seconds_between(change->entry.commit_time, now_));
}

void GroupApplication::evaluate(TouchedRun& touched) {
  StoredRun& stored = touched.stored;
  Run& run = stored.run;
  if (run.timeline.empty()) return;
  const SourceRow& source = source_of(stored.key.source);
  Timeline merged;
  const bool alone =
      source.ends.empty() || source.ends.back().position < run.timeline.front().position;
  if (!alone) merged = merge(run.timeline, source.ends);
  const SnapshotEndRow* gone = ended_by(source, stored.key.run, run.timeline.back().position);
  if (gone != nullptr) {
    if (alone) merged = run.timeline;
    insert(merged, make_end(gone->position, gone->time));
  }
  const Timeline& timeline = alone && gone == nullptr ? run.timeline : merged;

  Horizon horizon{context_.birth, run.waited_out, source.floor_time};
  Observation observed = observe(timeline, horizon);
  const std::optional<Timestamp> since = stored.before.waiting_since;
  const bool waited = observed.waiting_since && since && *since < now_ - options_.insert_wait;
  if (waited) {
    run.waited_out = *observed.waiting_since + std::chrono::microseconds(1);
    horizon.waited_out = run.waited_out;
    observed = observe(timeline, horizon);
  }
  const auto arrived = [&](const Entry& entry) {
    const auto& fresh = touched.arrived;
    return std::any_of(fresh.begin(), fresh.end(),
                       [&](const ArrivedEntry& each) { return each.position == entry.position; });
  };
  for (const NewStep& counted : count_new(observed, arrived, run.held)) {
    steps_.add(source.name, counted);
    notice(touched, source, counted);
  }

  run.state = run_state(timeline, horizon);
  if (observed.waiting_since) run.state.waiting_since = waited ? now_ : since.value_or(now_);
  if (run.state.pipeline != stored.before.pipeline)
    labels_.admit("pipeline", run.state.pipeline, source.name);
  if (run.state.status != stored.before.status)
    labels_.admit("status", run.state.status, source.name);
  if (const auto floor = fold(run.timeline, options_.timeline_entries_max))
    run.floor = run.floor ? std::max(*run.floor, *floor) : *floor;
}

void GroupApplication::notice(const TouchedRun& touched, const SourceRow& source,
                              const NewStep& counted) {
  const Step& step = counted.step;
  const bool failed = step.kind == StepKind::finished && step.at->status == schema::kFailed;
  if (!failed && step.kind != StepKind::sla_missed) return;
  if (touched.replayed && !touched.arrived.empty()) return;
  Notice notice;
  notice.kind = failed ? Notice::Kind::failed : Notice::Kind::sla_missed;
  notice.source = source.name + '/' + source.table;
  notice.run_id = touched.stored.key.run;
  notice.labels = *counted.labels;
  notice.duration_seconds = step.seconds.value_or(-1);
  notice.at = step.at->commit_time;
  for (const ArrivedEntry& each : touched.arrived)
    if (each.position == step.at->position)
      notice.traceparent = gcp::traceparent_of(each.incoming->attributes);
  applied_.notices.push_back(std::move(notice));
}

void GroupApplication::save() {
  std::vector<StoredRun> due;
  due.reserve(runs_.all().size());
  for (TouchedRun& touched : runs_.all())
    if (touched.due && !touched.stored.run.timeline.empty())
      due.push_back(std::move(touched.stored));
  storage_.save_runs(due);
  snapshot_rows_.save(storage_);
  for (const std::int64_t id : changed_sources_) storage_.save_source(source_of(id));
  epochs_.save(storage_);
  steps_.add_to(changes_);
  tallies_.add_to(changes_);
  changes_.apply(storage_, context_.last_end);
}

}  // namespace walpulse::monitor
