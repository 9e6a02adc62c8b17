#include "monitor/ledger/application/batch_applier.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "decoder/mage/tables.h"
#include "monitor/ledger/counting/metric_descriptors.h"

namespace walpulse::monitor {
namespace {

using schema::Operation;

/// Whether the insert at `position` begins what had begun to count without it.
bool came_too_late(const Timeline& timeline, const schema::Position& position, IntakeTime settled) {
  const std::size_t place = static_cast<std::size_t>(find(timeline, position) - timeline.data());
  const Entry& insert = timeline[place];
  if (insert.operation != Operation::insert || insert.key_changed) return false;
  const std::span<const Entry> behind = std::span(timeline).subspan(place + 1);
  if (first_life(behind) == 0 || behind.front().operation == Operation::insert) return false;
  const bool within = place > 0 && timeline[place - 1].operation != Operation::remove &&
                      timeline[place - 1].created_at == behind.front().created_at;
  if (within || first_arrival(behind.first(first_part(behind))) > settled) return false;
  const auto changes = behind.subspan(1, first_life(behind) - 1);  // beyond the starting state
  return std::any_of(changes.begin(), changes.end(),
                     [](const Entry& entry) { return entry.operation != Operation::read; });
}

char operation_of(const ReceivedMessage& received) {
  if (const auto* change = std::get_if<ChangeMessage>(received.read.get()))
    return static_cast<char>(change->operation);
  const std::string_view named = received.attributes.find("op");
  return named.size() == 1 ? named.front() : '?';
}

}  // namespace

Intent intent_of(std::span<const ReceivedMessage> group) {
  const bool truncates =
      std::any_of(group.begin(), group.end(), [](const ReceivedMessage& received) {
        const auto* change = std::get_if<ChangeMessage>(received.read.get());
        return change != nullptr && change->operation == schema::Operation::truncate;
      });
  return truncates ? Intent::exclusive : Intent::share;
}

BatchApplier::BatchApplier(Transaction& transaction, LabelLimits& limits,
                           const LedgerOptions& options, Timestamp now, Arrival arrival)
    : transaction_(transaction),
      now_(now),
      arrival_(arrival),
      context_(transaction.context()),
      settled_(context_.intake - options.settle),
      histories_(transaction, context_, options.settle, changes_, applied_.alerts),
      labels_(transaction, limits, changes_),
      steps_(labels_, options),
      blocks_(context_.sources),
      block_ends_(context_.sources, labels_, options),
      evaluator_(options, settled_, blocks_, labels_, steps_, block_ends_, happenings_),
      counters_(options.delivery_latency_bounds) {}

ApplyResult BatchApplier::apply(std::span<const ReceivedMessage> group) {
  load(group);
  for (const ReceivedMessage& received : group) {
    applied_.outcomes.push_back(apply(received));
    count(received, applied_.outcomes.back());
  }
  std::vector<RunKey> concerned;
  for (const std::int64_t source : ended_)
    for (const RunKey& key : transaction_.runs().active(source)) concerned.push_back(key);
  evaluate(concerned);
  save();
  return std::move(applied_);
}

void BatchApplier::complete_snapshots() {
  std::vector<RunKey> concerned;
  for (SourceRow& source : context_.sources)
    for (const RunKey& key : walpulse::monitor::complete_snapshots(transaction_, source))
      concerned.push_back(key);
  evaluate(concerned);
  save();
}

Advanced BatchApplier::settle(std::size_t runs_max) {
  const std::vector<RunKey> due = transaction_.runs().due(context_.intake, runs_max);
  evaluate(due);
  save();
  return {.all = due.size() < runs_max};
}

std::size_t BatchApplier::read_again(const std::vector<RunKey>& keys) {
  runs_.load(transaction_, keys);
  std::size_t count = 0;
  for (TouchedRun& touched : runs_.all()) {
    if (!touched.stored.known || !touched.stored.outdated) continue;
    evaluator_.read_again(touched, source_of(touched.stored.key.source));
    touched.due = true;
    ++count;
  }
  save();
  return count;
}

/// These, and those that something arrived for.
void BatchApplier::evaluate(const std::vector<RunKey>& concerned) {
  runs_.load(transaction_, concerned);
  for (const RunKey& key : concerned)
    if (TouchedRun* touched = runs_.find(key)) touched->due = true;
  blocks_.load(transaction_, runs_.all(), rows_);
  for (TouchedRun& touched : runs_.all())
    if (touched.due) evaluator_.evaluate(touched, source_of(touched.stored.key.source));
  block_ends_.count(transaction_, rows_, changes_);
}

SourceRow& BatchApplier::source_of(std::int64_t id) {
  return *std::find_if(context_.sources.begin(), context_.sources.end(),
                       [&](const SourceRow& source) { return source.id == id; });
}

/// A source never heard of is kept at once.
SourceRow& BatchApplier::source_of(const std::string& name, const std::string& table) {
  const auto known = std::find_if(
      context_.sources.begin(), context_.sources.end(),
      [&](const SourceRow& source) { return source.name == name && source.table == table; });
  if (known != context_.sources.end()) return *known;
  SourceRow& source = context_.sources.emplace_back();
  source.name = name;
  source.table = table;
  transaction_.sources().save(source);
  return source;
}

void BatchApplier::load(std::span<const ReceivedMessage> group) {
  std::vector<RunKey> runs;
  std::vector<RowKey> rows;
  runs.reserve(group.size());
  for (const ReceivedMessage& received : group) {
    const auto* change = std::get_if<ChangeMessage>(received.read.get());
    if (change == nullptr) continue;
    const std::int64_t source = source_of(change->name, change->table).id;
    if (change->row) {
      rows.push_back({source, change->run});
    } else if (change->operation != Operation::truncate) {
      runs.push_back({source, change->run});
    }
  }
  runs_.load(transaction_, std::move(runs));
  rows_.load(transaction_, std::move(rows));
}

Outcome BatchApplier::apply(const ReceivedMessage& received) {
  if (const auto* change = std::get_if<ChangeMessage>(received.read.get()))
    return apply(*change, received);
  if (const auto* heartbeat = std::get_if<schema::Heartbeat>(received.read.get()))
    return apply(*heartbeat, received);
  if (const auto* said = std::get_if<schema::Introduction>(received.read.get())) {
    const auto refusal = histories_.check(*said, received);
    return refusal ? refusal->outcome : Outcome::applied;
  }
  if (const auto* end = std::get_if<schema::SnapshotEnd>(received.read.get()))
    return apply(*end, received);
  if (const auto* invalid = std::get_if<InvalidMessage>(received.read.get())) {
    reject(received, invalid->reason);
    return Outcome::invalid;
  }
  if (std::holds_alternative<IgnoredMessage>(*received.read)) return Outcome::ignored;
  return Outcome::deferred;
}

Outcome BatchApplier::apply(const schema::Heartbeat& heartbeat, const ReceivedMessage& received) {
  const auto refusal = histories_.check(heartbeat, received);
  // One of an epoch in conflict shows how the connector fares all the same.
  if (refusal && refusal->outcome != Outcome::conflict) return refusal->outcome;
  if (!connectors_) connectors_.emplace(transaction_, context_.birth, now_);
  const Outcome outcome = connectors_->apply(heartbeat, received.data, changes_);
  if (outcome != Outcome::pruned && !refusal && !heartbeat.table.empty())
    histories_.follow(heartbeat, outcome == Outcome::applied,
                      source_of(heartbeat.name, heartbeat.table), received);
  return outcome;
}

Outcome BatchApplier::apply(const ChangeMessage& change, const ReceivedMessage& received) {
  if (const auto refusal = histories_.check(change, received)) return refuse(*refusal, received);
  SourceRow& source = source_of(change.name, change.table);
  if (change.operation == Operation::read) note_snapshot(source);
  if (change.operation == Operation::truncate) return apply_end(source, change);
  return change.row ? apply_row(source, change, received) : apply_run(source, change, received);
}

Outcome BatchApplier::apply_run(SourceRow& source, const ChangeMessage& change,
                                const ReceivedMessage& received) {
  const bool read = change.operation == Operation::read;
  TouchedRun* touched = runs_.find({source.id, change.run});
  if (touched == nullptr) return Outcome::unchanged;  // the storage's error latched
  Run& run = touched->stored.run;
  // Of a run that is not known all that lies behind the pruned ones may have been counted before.
  if (!touched->stored.known && run.timeline.empty()) run.floor = source.floor;
  const Entry& entry = change.entry;
  if (const Entry* known = find(run.timeline, entry.position)) {
    // Two snapshots may read at one position, each at its own time.
    const bool same = read || known->commit_time == entry.commit_time;
    if (same) return Outcome::unchanged;
    return refuse(histories_.contradicts(change, received), received);
  }
  if (run.floor && entry.position <= *run.floor) return Outcome::pruned;
  if (arrival_ == Arrival::first) histories_.note_late(change, source, received);
  Entry arrived = entry;
  arrived.arrived = context_.intake;
  arrived.replayed = change.replay;
  insert(run.timeline, std::move(arrived));
  if (came_too_late(run.timeline, entry.position, settled_))
    changes_.count(metric_descriptors().late_origin_count, source.name, {});
  if (read) snapshot_rows_.add(source, change.run, entry.position);
  touched->arrived.push_back({entry.position, &received});
  touched->due = true;
  if (change.operation == Operation::insert && !entry.key_changed) {
    if (!source.last_created || *source.last_created < entry.commit_time) {
      source.last_created = entry.commit_time;
      changed_sources_.insert(source.id);
    }
  }
  return Outcome::applied;
}

/// Of a trigger or a block.
Outcome BatchApplier::apply_row(SourceRow& source, const ChangeMessage& change,
                                const ReceivedMessage& received) {
  TouchedRow* touched = rows_.find({source.id, change.run});
  if (touched == nullptr) return Outcome::unchanged;  // the storage's error latched
  TableRow& row = touched->stored.row;
  const schema::Position& position = change.row->position;
  if (row.entries.empty() && source.floor && position <= *source.floor) return Outcome::pruned;
  const bool read = change.operation == Operation::read;
  std::erase_if(row.reads, [&](const auto& each) { return superseded(source, each); });
  const bool notes_read = read && !superseded(source, position);
  switch (take(row, mage::table_of(source.table), *change.row, notes_read)) {
    case Taken::known:
      return Outcome::unchanged;
    case Taken::older:
      return Outcome::pruned;
    case Taken::contradicts:
      return refuse(histories_.contradicts(change, received), received);
    case Taken::added:
      break;
  }
  if (arrival_ == Arrival::first) histories_.note_late(change, source, received);
  if (notes_read) snapshot_rows_.add(source, change.run, position);
  touched->changed = true;
  note_change(source);
  return Outcome::applied;
}

Outcome BatchApplier::apply_end(SourceRow& source, const ChangeMessage& change) {
  if (find(source.ends, change.entry.position) != nullptr) return Outcome::unchanged;
  insert(source.ends, change.entry);
  transaction_.sources().add_end(source.id, change.entry);
  ended_.push_back(source.id);
  note_change(source);
  return Outcome::applied;
}

Outcome BatchApplier::apply(const schema::SnapshotEnd& end, const ReceivedMessage& received) {
  const SnapshotEndRow row = make_end_row(end);
  if (const auto refusal = histories_.check(end, received)) return refuse(*refusal, received);
  SourceRow& source = source_of(end.name, end.schema + '.' + end.table);
  const auto& known = source.snapshot_ends;
  const bool is_known = std::any_of(known.begin(), known.end(),
                                    [&](const SnapshotEndRow& each) { return each.same(row); });
  if (!is_known && !superseded(source, row.position)) {
    source.snapshot_ends.push_back(row);
    transaction_.snapshots().save_end(source.id, row);
    incomplete_ = true;
    return Outcome::applied;
  }
  note_snapshot(source);
  return Outcome::unchanged;
}

void BatchApplier::note_snapshot(const SourceRow& source) {
  for (const SnapshotEndRow& end : source.snapshot_ends) incomplete_ = incomplete_ || !end.complete;
}

/// Of blocks nobody asks, and they change all the time.
void BatchApplier::note_change(const SourceRow& source) {
  if (mage::table_of(source.table) == mage::Table::triggers) changed_triggers_.insert(source.id);
}

Outcome BatchApplier::refuse(const Refusal& refusal, const ReceivedMessage& received) {
  if (!refusal.reason.empty()) reject(received, refusal.reason);
  return refusal.outcome;
}

void BatchApplier::reject(const ReceivedMessage& received, std::string reason) {
  if (arrival_ == Arrival::again) return;
  applied_.rejected_for = reason;
  transaction_.rejected().add(
      {0, received.message_id, now_, std::move(reason), received.data, received.attributes});
}

void BatchApplier::count(const ReceivedMessage& received, Outcome outcome) {
  const auto* change = std::get_if<ChangeMessage>(received.read.get());
  const auto* ignored = std::get_if<IgnoredMessage>(received.read.get());
  if (outcome == Outcome::deferred || outcome == Outcome::waits) return;  // comes again
  if (is_set_aside(outcome) && arrival_ == Arrival::again) return;
  if (change == nullptr && ignored == nullptr && outcome != Outcome::invalid) return;
  static const std::string kUnknownSource(kUnknown);
  const std::string& source = change != nullptr    ? change->name
                              : ignored != nullptr ? ignored->name
                                                   : kUnknownSource;
  counters_.count(source, operation_of(received), outcome);
  if (outcome != Outcome::applied || change->replay || change->operation == Operation::read ||
      arrival_ == Arrival::again)
    return;
  counters_.delivered(source, seconds_between(change->entry.commit_time, now_));
}

void BatchApplier::save() {
  std::vector<StoredRun> due;
  due.reserve(runs_.all().size());
  for (TouchedRun& touched : runs_.all())
    if (touched.due && !touched.stored.run.timeline.empty())
      due.push_back(std::move(touched.stored));
  transaction_.runs().save(due);
  rows_.save(transaction_);
  snapshot_rows_.save(transaction_);
  // By rising id, so that two transactions never wait for each other.
  std::set<std::int64_t> sources = changed_sources_;
  for (const std::int64_t id : histories_.watermarked()) sources.insert(id);
  sources.insert(changed_triggers_.begin(), changed_triggers_.end());
  for (const std::int64_t id : sources) {
    if (changed_sources_.contains(id)) transaction_.sources().save(source_of(id));
    histories_.save_watermark(id);
    if (changed_triggers_.contains(id)) transaction_.sources().count_change(id);
  }
  histories_.save_epochs();
  if (!happenings_.empty()) transaction_.happenings().add(happenings_);
  applied_.happened = !happenings_.empty();
  steps_.add_to(changes_);
  counters_.add_to(changes_);
  changes_.apply(transaction_, context_.last_end);
}

}  // namespace walpulse::monitor
