#include "decoder/pgoutput/event_decoder.h"

#include <algorithm>
#include <map>
#include <utility>

#include "decoder/base/type_oids.h"
#include "decoder/pgoutput/builtin_types.h"
#include "decoder/pgoutput/message.h"
#include "decoder/pgoutput/relation_cache.h"
#include "decoder/pgoutput/table_plan.h"
#include "decoder/pgoutput/table_state.h"

namespace walpulse::decoder {
namespace {

/// Where the relation stands in Insert, Update and Delete: behind the type byte.
constexpr std::size_t kRelationOffset = 1;

tl::unexpected<Error> refuse(std::size_t offset, const std::string& reason) {
  return fail(ErrorKind::malformed, "offset " + std::to_string(offset) + ": " + reason);
}

}  // namespace

struct EventDecoder::State {
  explicit State(EventDecoderOptions given)
      : options(std::move(given)), captured(options.tables.begin(), options.tables.end()) {
    event.source = &options.source;
  }

  Result<Step> on(const Begin& begin);
  Result<Step> on(const Commit& commit);
  Result<Step> on(const Relation& relation);
  Result<Step> on(const Insert& insert);
  Result<Step> on(const Update& update);
  Result<Step> on(const Delete& remove);
  Result<Step> on(const Truncate& truncate);
  Result<Step> on(const Type& type);
  // Where a row came from, what an application noted: no event.
  Result<Step> on(const Origin&) { return Step{}; }
  Result<Step> on(const LogicalMessage&) { return Step{}; }

  /// What a change is of: `ours`, whose rows the plan reads, or another's table.
  struct Found {
    TableState* ours = nullptr;
    TablePlan* plan = nullptr;
    const schema::Table* table = nullptr;
  };
  Result<Found> find(Oid relation, std::size_t offset);
  TableState* captured_as(Oid relation);
  /// Checks the tuple against its table, and what our own rows may hold.
  Result<void> check(const schema::Table& table, const Tuple& tuple) const;
  Step of_another(const schema::Table& table) const;
  Result<Oid> base_of(Oid type) const;
  schema::ChangeEvent* carry_on();
  void fill_new(TablePlan& rows, const Tuple& tuple, const std::optional<OldRow>& old_row);
  void start_event(const Found& found, schema::Operation operation);
  void place_event(TableState& table);

  /// Its new row is still to be told of.
  struct CarriedOn {
    Update update;
    TablePlan* rows;
  };

  const EventDecoderOptions options;
  std::vector<TableState> captured;
  RelationCache others;
  TupleBuffer tuples;
  std::optional<Begin> transaction;
  std::optional<CarriedOn> carried_on;
  std::vector<TableState*> truncated;  ///< By the message at hand, and still to be told of.
  std::uint64_t label_faults = 0;
  Withheld withheld;
  std::map<Oid, Oid> bases;  ///< Of the types of the relation to come, as the server named them.
  Lsn lsn;                   ///< Of the message at hand.
  schema::ChangeEvent event;
};

Result<EventDecoder::Step> EventDecoder::State::on(const Begin& begin) {
  if (transaction) return refuse(0, "a transaction begins inside another");
  transaction = begin;
  for (TableState& table : captured) table.begin_transaction();
  return Step{Begun{begin.xid, begin.final_lsn, begin.commit_time}};
}

Result<EventDecoder::Step> EventDecoder::State::on(const Commit& commit) {
  if (!transaction) return refuse(0, "no transaction is open");
  if (commit.commit_lsn != transaction->final_lsn) {
    return refuse(2, "commits " + to_string(commit.commit_lsn) + ", but " +
                         to_string(transaction->final_lsn) + " had begun");
  }
  transaction.reset();
  std::size_t change_count = 0;
  for (const TableState& table : captured) {
    change_count += static_cast<std::size_t>(table.change_count());
  }
  return Step{Committed{commit.commit_lsn, commit.end_lsn, commit.commit_time, change_count}};
}

Result<EventDecoder::Step> EventDecoder::State::on(const Relation& relation) {
  schema::Table table = describe(relation);
  if (TableState* ours = captured_as(table.oid)) {
    for (auto& column : table.columns) {
      const auto base = base_of(column.type);
      if (!base) return tl::unexpected(base.error());
      column.type = *base;
    }
    ours->announce(relation.identity, std::move(table));
  } else {
    others.put(std::move(table));
  }
  bases.clear();
  return Step{};
}

/// Names the type that a domain is over, as it was when the rows to come were written.
Result<EventDecoder::Step> EventDecoder::State::on(const Type& type) {
  const bool is_builtin = type.schema.empty();  // how the server writes pg_catalog
  if (const auto base = is_builtin ? builtin_type(type.name) : std::nullopt) {
    bases.emplace(type.id, *base);
  }
  return Step{};
}

/// The server describes a table once in a session: each change tells whose it is.
EventDecoder::Step EventDecoder::State::of_another(const schema::Table& table) const {
  for (const TableState& ours : captured) {
    if (table.name == ours.name().name && table.schema == ours.name().schema) {
      return Replaced{table.oid, &ours.name()};
    }
  }
  return Foreign{table.oid};
}

Result<Oid> EventDecoder::State::base_of(Oid type) const {
  if (type < kFirstOwnOid) return type;
  if (options.base_type) {
    const auto known = options.base_type(type);
    if (!known) return tl::unexpected(known.error());
    if (*known) return **known;
  }
  const auto named = bases.find(type);
  return named == bases.end() ? kUnknownOid : named->second;
}

Result<EventDecoder::Step> EventDecoder::State::on(const Insert& insert) {
  const auto found = find(insert.relation, kRelationOffset);
  if (!found) return tl::unexpected(found.error());
  if (auto good = check(*found->table, insert.row); !good) return tl::unexpected(good.error());
  if (!found->ours) return of_another(*found->table);
  start_event(*found, schema::Operation::insert);
  fill_new(*found->plan, insert.row, std::nullopt);
  return Step{&event};
}

Result<EventDecoder::Step> EventDecoder::State::on(const Update& update) {
  const auto found = find(update.relation, kRelationOffset);
  if (!found) return tl::unexpected(found.error());
  if (update.old_row) {
    if (auto good = check(*found->table, update.old_row->tuple); !good) {
      return tl::unexpected(good.error());
    }
  }
  if (auto good = check(*found->table, update.row); !good) return tl::unexpected(good.error());
  if (!found->ours) return of_another(*found->table);
  TablePlan& rows = *found->plan;
  if (rows.key_changed(update.old_row, update.row)) {
    start_event(*found, schema::Operation::remove);
    event.key_left = true;
    rows.fill_key(*update.old_row, event.before);
    carried_on = CarriedOn{update, &rows};
    return Step{&event};
  }
  start_event(*found, schema::Operation::update);
  if (update.old_row) rows.fill_old(*update.old_row, event.before);
  fill_new(rows, update.row, update.old_row);
  return Step{&event};
}

void EventDecoder::State::fill_new(TablePlan& rows, const Tuple& tuple,
                                   const std::optional<OldRow>& old_row) {
  rows.fill_new(tuple, old_row, event.after);
  label_faults += rows.fill_labels(tuple, old_row, event.labels);
  label_faults += rows.fill_error(tuple, old_row, event.error) ? 1 : 0;
  if (rows.withheld().empty()) return;
  withheld.count += rows.withheld().size();
  withheld.columns = rows.withheld();
}

/// After a changed key: the same position, lsn and time, and the row that goes on under another.
schema::ChangeEvent* EventDecoder::State::carry_on() {
  if (!truncated.empty()) {
    place_event(*truncated.front());
    truncated.erase(truncated.begin());
    return &event;
  }
  if (!carried_on) return nullptr;
  const auto& [update, rows] = *carried_on;
  event.operation = schema::Operation::insert;
  event.key_left = false;
  rows->fill_key(*update.old_row, event.previous_key);
  event.before.clear();
  event.labels.clear();
  fill_new(*rows, update.row, update.old_row);
  carried_on.reset();
  return &event;
}

Result<EventDecoder::Step> EventDecoder::State::on(const Delete& remove) {
  const auto found = find(remove.relation, kRelationOffset);
  if (!found) return tl::unexpected(found.error());
  if (auto good = check(*found->table, remove.old_row.tuple); !good) {
    return tl::unexpected(good.error());
  }
  if (!found->ours) return of_another(*found->table);
  start_event(*found, schema::Operation::remove);
  found->plan->fill_old(remove.old_row, event.before);
  label_faults += found->plan->fill_labels(remove.old_row.tuple, std::nullopt, event.labels);
  return Step{&event};
}

Result<EventDecoder::Step> EventDecoder::State::on(const Truncate& truncate) {
  std::vector<Found> ours;
  std::optional<Foreign> foreign;
  for (std::size_t i = 0; i < truncate.relations.size(); ++i) {
    constexpr std::size_t kRelationsOffset = 1 + 4 + 1;
    const auto found = find(truncate.relations[i], kRelationsOffset + 4 * i);
    if (!found) return tl::unexpected(found.error());
    if (!found->ours) {
      const Step step = of_another(*found->table);
      if (std::holds_alternative<Replaced>(step)) return step;
      foreign = std::get<Foreign>(step);
      continue;
    }
    const bool named_before = std::any_of(
        ours.begin(), ours.end(), [&](const Found& other) { return other.ours == found->ours; });
    if (!named_before) ours.push_back(*found);
  }
  if (ours.empty()) return foreign ? Step{*foreign} : Step{};
  start_event(ours.front(), schema::Operation::truncate);
  event.cascade = truncate.cascade;
  event.restart_identity = truncate.restart_identity;
  for (std::size_t i = 1; i < ours.size(); ++i) truncated.push_back(ours[i].ours);
  return Step{&event};
}

TableState* EventDecoder::State::captured_as(Oid relation) {
  for (TableState& table : captured) {
    if (table.oid() == relation) return &table;
  }
  return nullptr;
}

Result<EventDecoder::State::Found> EventDecoder::State::find(Oid relation, std::size_t offset) {
  if (!transaction) return refuse(0, "no transaction is open");
  Found found;
  found.ours = captured_as(relation);
  if (found.ours) {
    found.plan = found.ours->plan();
    if (found.plan) found.table = found.plan->table();
  } else {
    found.table = others.find(relation).get();  // kept by the cache
  }
  if (!found.table) {
    return refuse(offset,
                  "the relation " + std::to_string(relation.value) + " was never announced");
  }
  return found;
}

Result<void> EventDecoder::State::check(const schema::Table& table, const Tuple& tuple) const {
  if (tuple.values.size() != table.columns.size()) {
    return refuse(tuple.offset, std::to_string(tuple.values.size()) + " values for the " +
                                    std::to_string(table.columns.size()) + " columns of " +
                                    schema::qualified_name(table));
  }
  const bool binary = std::any_of(tuple.values.begin(), tuple.values.end(), [](const Value& value) {
    return value.kind == Value::Kind::binary;
  });
  if (binary) return refuse(tuple.offset, "a binary value, where text was asked for");
  return {};
}

void EventDecoder::State::place_event(TableState& table) {
  event.table = table.plan()->table();
  event.position = {options.epoch, transaction->final_lsn, table.take_ordinal()};
}

void EventDecoder::State::start_event(const Found& found, schema::Operation operation) {
  place_event(*found.ours);
  event.lsn = lsn;
  event.xid = transaction->xid;
  event.commit_time = transaction->commit_time;
  event.operation = operation;
  event.before.clear();
  event.after.clear();
  event.previous_key.clear();
  event.key_left = false;
  event.cascade = false;
  event.restart_identity = false;
  event.labels.clear();
  event.error.reset();
}

EventDecoder::EventDecoder(EventDecoderOptions options)
    : state_(std::make_unique<State>(std::move(options))) {}

EventDecoder::~EventDecoder() = default;

Result<EventDecoder::Step> EventDecoder::feed(Lsn lsn, Bytes message) {
  // The server gives some messages (Relation) no position: the open transaction's tells as much.
  const bool inside = lsn == Lsn{} && state_->transaction;
  const Lsn place = inside ? state_->transaction->final_lsn : lsn;
  const auto in_place = [place](Error error) {
    error.message = "pgoutput at " + to_string(place) + ": " + error.message;
    return error;
  };
  state_->carried_on.reset();
  state_->truncated.clear();
  Result<Message> decoded = decode(message, state_->tuples);
  if (!decoded) return tl::unexpected(in_place(std::move(decoded).error()));
  state_->lsn = lsn;
  const char type = static_cast<char>(message.front());
  return std::visit([this](const auto& body) { return state_->on(body); }, *decoded)
      .map_error([&](Error error) {
        error.message = std::string(message_name(type)) + " message, " + error.message;
        return in_place(std::move(error));
      });
}

schema::ChangeEvent* EventDecoder::next() { return state_->carry_on(); }

std::uint64_t EventDecoder::take_label_faults() { return std::exchange(state_->label_faults, 0); }

EventDecoder::Withheld EventDecoder::take_withheld() { return std::exchange(state_->withheld, {}); }

std::uint64_t EventDecoder::plan_count() const {
  std::uint64_t count = 0;
  for (const TableState& table : state_->captured) count += table.plan_count();
  return count;
}

void EventDecoder::reset() {
  state_->carried_on.reset();
  state_->truncated.clear();
  state_->others.clear();
  state_->bases.clear();
  state_->transaction.reset();
  for (TableState& table : state_->captured) table.forget();
}

}  // namespace walpulse::decoder
