#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "decoder/pgoutput/message.h"
#include "decoder/pgoutput/table_options.h"
#include "decoder/pgoutput/table_plan.h"
#include "decoder/schema/change_event.h"

namespace walpulse::decoder {

/// A table whose changes become events, and what one session knows of it. The options outlive it.
class TableState {
 public:
  explicit TableState(const TableOptions& options) : options_(&options), oid_(options.oid) {}

  Oid oid() const { return oid_; }
  const TableName& name() const { return options_->name; }

  /// The server describes the table, with types as they are underneath: so are the rows to come,
  /// under the name and with the key of the options. What is at hand keeps its description.
  void announce(ReplicaIdentity identity, schema::Table table);
  /// For the row at hand. Null where the server has not announced the table in this session.
  TablePlan* plan() {
    if (announced_) make_plan();
    return plan_ ? &*plan_ : nullptr;
  }
  /// How many were made: one for each description that rows came under.
  std::uint64_t plan_count() const { return plan_count_; }

  void begin_transaction() { change_count_ = 0; }
  std::int64_t take_ordinal() { return change_count_++; }
  std::int64_t change_count() const { return change_count_; }  ///< In this transaction.

  /// Call on reconnect.
  void forget();

 private:
  void make_plan();

  const TableOptions* options_;
  Oid oid_;
  std::int64_t change_count_ = 0;
  std::uint64_t plan_count_ = 0;
  std::shared_ptr<const schema::Table> announced_;  ///< No row has come under it yet.
  std::optional<TablePlan> plan_;
};

}  // namespace walpulse::decoder
