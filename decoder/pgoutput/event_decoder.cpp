#include "decoder/pgoutput/event_decoder.h"

#include <algorithm>
#include <map>
#include <utility>

#include "decoder/base/type_oids.h"
#include "decoder/pgoutput/builtin_types.h"
#include "decoder/pgoutput/message.h"
#include "decoder/pgoutput/relation_cache.h"
#include "decoder/pgoutput/table_plan.h"

namespace walpulse::decoder {
namespace {

/// Where the relation stands in Insert, Update and Delete: behind the type byte.
constexpr std::size_t kRelationOffset = 1;

tl::unexpected<Error> refuse(std::size_t offset, const std::string& reason) {
  return fail(ErrorKind::malformed, "offset " + std::to_string(offset) + ": " + reason);
}

/// The server marks the columns of the replica identity, which may be more than what tells rows
/// apart: the primary key, which it does not send.
void mark_key(schema::Table& table, const std::vector<std::string>& key_columns) {
  for (auto& column : table.columns) {
    column.key =
        std::find(key_columns.begin(), key_columns.end(), column.name) != key_columns.end();
  }
}

bool identity_holds(const schema::Table& table, const std::vector<std::string>& names) {
  return std::all_of(names.begin(), names.end(), [&](const std::string& name) {
    return std::any_of(table.columns.begin(), table.columns.end(),
                       [&](const auto& column) { return column.key && column.name == name; });
  });
}

}  // namespace

struct EventDecoder::State {
  explicit State(EventDecoderOptions given) : options(std::move(given)) {
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

  Result<std::shared_ptr<const schema::Table>> table_of(Oid relation, std::size_t offset) const;
  /// Checks the tuple against its table, and what our own rows may hold.
  Result<void> check(const schema::Table& table, const Tuple& tuple) const;
  TablePlan& plan_of(std::shared_ptr<const schema::Table> table);
  bool is_ours(const schema::Table& table) const { return table.oid == options.table_oid; }
  Step of_another(const schema::Table& table) const;
  /// Makes what the server said of our table what its events are described with.
  Result<void> adopt(ReplicaIdentity identity, schema::Table& table) const;
  Result<Oid> base_of(Oid type) const;
  schema::ChangeEvent* carry_on();
  void fill_new(TablePlan& rows, const Tuple& tuple, const std::optional<OldRow>& old_row);
  void start_event(schema::Operation operation);

  EventDecoderOptions options;
  RelationCache relations;
  TupleBuffer tuples;
  std::optional<TablePlan> plan;
  std::optional<Begin> transaction;
  std::optional<Update> carried_on;  ///< Its new row is still to be told of.
  std::int64_t change_count = 0;     ///< In the open transaction.
  std::uint64_t label_faults = 0;
  Withheld withheld;
  std::map<Oid, Oid> bases;  ///< Of the types of the relation to come, as the server named them.
  Lsn lsn;                   ///< Of the message at hand.
  schema::ChangeEvent event;
};

Result<EventDecoder::Step> EventDecoder::State::on(const Begin& begin) {
  if (transaction) return refuse(0, "a transaction begins inside another");
  transaction = begin;
  change_count = 0;
  return Step{Begun{begin.xid, begin.final_lsn, begin.commit_time}};
}

Result<EventDecoder::Step> EventDecoder::State::on(const Commit& commit) {
  if (!transaction) return refuse(0, "no transaction is open");
  if (commit.commit_lsn != transaction->final_lsn) {
    return refuse(2, "commits " + to_string(commit.commit_lsn) + ", but " +
                         to_string(transaction->final_lsn) + " had begun");
  }
  transaction.reset();
  return Step{Committed{commit.commit_lsn, commit.end_lsn, commit.commit_time,
                        static_cast<std::size_t>(change_count)}};
}

Result<EventDecoder::Step> EventDecoder::State::on(const Relation& relation) {
  schema::Table table = describe(relation);
  if (is_ours(table)) {
    if (auto adopted = adopt(relation.identity, table); !adopted) {
      return tl::unexpected(adopted.error());
    }
  }
  bases.clear();
  relations.put(std::move(table));
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
  const bool has_our_name = table.name == options.table && table.schema == options.schema;
  return has_our_name ? Step{Replaced{table.oid}} : Step{};
}

Result<void> EventDecoder::State::adopt(ReplicaIdentity identity, schema::Table& table) const {
  table.schema = options.schema;
  table.name = options.table;
  const auto& key = options.key_columns;
  const bool told_by_key = identity == ReplicaIdentity::full || identity_holds(table, key);
  if (!key.empty() && told_by_key) mark_key(table, key);
  for (auto& column : table.columns) {
    const auto base = base_of(column.type);
    if (!base) return tl::unexpected(base.error());
    column.type = *base;
  }
  return {};
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
  auto table = table_of(insert.relation, kRelationOffset);
  if (!table) return tl::unexpected(std::move(table).error());
  if (auto good = check(**table, insert.row); !good) return tl::unexpected(good.error());
  if (!is_ours(**table)) return of_another(**table);
  TablePlan& rows = plan_of(*std::move(table));
  start_event(schema::Operation::insert);
  fill_new(rows, insert.row, std::nullopt);
  return Step{&event};
}

Result<EventDecoder::Step> EventDecoder::State::on(const Update& update) {
  auto table = table_of(update.relation, kRelationOffset);
  if (!table) return tl::unexpected(std::move(table).error());
  if (update.old_row) {
    if (auto good = check(**table, update.old_row->tuple); !good) {
      return tl::unexpected(good.error());
    }
  }
  if (auto good = check(**table, update.row); !good) return tl::unexpected(good.error());
  if (!is_ours(**table)) return of_another(**table);
  TablePlan& rows = plan_of(*std::move(table));
  if (rows.key_changed(update.old_row, update.row)) {
    start_event(schema::Operation::remove);
    event.key_left = true;
    rows.fill_key(*update.old_row, event.before);
    carried_on = update;
    return Step{&event};
  }
  start_event(schema::Operation::update);
  if (update.old_row) rows.fill_old(*update.old_row, event.before);
  fill_new(rows, update.row, update.old_row);
  return Step{&event};
}

void EventDecoder::State::fill_new(TablePlan& rows, const Tuple& tuple,
                                   const std::optional<OldRow>& old_row) {
  rows.fill_new(tuple, old_row, event.after);
  label_faults += rows.fill_labels(tuple, old_row, event.labels);
  if (rows.withheld().empty()) return;
  withheld.count += rows.withheld().size();
  withheld.columns = rows.withheld();
}

/// The same position, lsn and time, and the row that goes on under another key.
schema::ChangeEvent* EventDecoder::State::carry_on() {
  if (!carried_on) return nullptr;
  event.operation = schema::Operation::insert;
  event.key_left = false;
  plan->fill_key(*carried_on->old_row, event.previous_key);
  event.before.clear();
  event.labels.clear();
  fill_new(*plan, carried_on->row, carried_on->old_row);
  carried_on.reset();
  return &event;
}

Result<EventDecoder::Step> EventDecoder::State::on(const Delete& remove) {
  auto table = table_of(remove.relation, kRelationOffset);
  if (!table) return tl::unexpected(std::move(table).error());
  if (auto good = check(**table, remove.old_row.tuple); !good) {
    return tl::unexpected(good.error());
  }
  if (!is_ours(**table)) return of_another(**table);
  TablePlan& rows = plan_of(*std::move(table));
  start_event(schema::Operation::remove);
  rows.fill_old(remove.old_row, event.before);
  label_faults += rows.fill_labels(remove.old_row.tuple, std::nullopt, event.labels);
  return Step{&event};
}

Result<EventDecoder::Step> EventDecoder::State::on(const Truncate& truncate) {
  std::shared_ptr<const schema::Table> ours;
  for (std::size_t i = 0; i < truncate.relations.size(); ++i) {
    constexpr std::size_t kRelationsOffset = 1 + 4 + 1;
    auto table = table_of(truncate.relations[i], kRelationsOffset + 4 * i);
    if (!table) return tl::unexpected(std::move(table).error());
    if (is_ours(**table)) {
      ours = *std::move(table);
    } else if (const Step step = of_another(**table); std::holds_alternative<Replaced>(step)) {
      return step;
    }
  }
  if (!ours) return Step{};
  plan_of(std::move(ours));
  start_event(schema::Operation::truncate);
  event.cascade = truncate.cascade;
  event.restart_identity = truncate.restart_identity;
  return Step{&event};
}

Result<std::shared_ptr<const schema::Table>> EventDecoder::State::table_of(
    Oid relation, std::size_t offset) const {
  if (!transaction) return refuse(0, "no transaction is open");
  auto table = relations.find(relation);
  if (!table) {
    return refuse(offset,
                  "the relation " + std::to_string(relation.value) + " was never announced");
  }
  return table;
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

TablePlan& EventDecoder::State::plan_of(std::shared_ptr<const schema::Table> table) {
  if (!plan || plan->table() != table.get()) plan.emplace(std::move(table), options);
  return *plan;
}

void EventDecoder::State::start_event(schema::Operation operation) {
  event.table = plan->table();
  event.position = {options.epoch, transaction->final_lsn, change_count++};
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

void EventDecoder::reset() {
  state_->carried_on.reset();
  state_->relations.clear();
  state_->bases.clear();
  state_->plan.reset();
  state_->transaction.reset();
  state_->change_count = 0;
}

}  // namespace walpulse::decoder
