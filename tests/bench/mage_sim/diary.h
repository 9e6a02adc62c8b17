#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "bench/mage_sim/world.h"

namespace walpulse::mage_sim {

/// Plays the database: gives ids, and writes down what it was asked to do.
class Diary {
 public:
  void execute(Transaction& transaction) {
    for (Statement& statement : transaction.statements) {
      give_ids(statement);
      text += std::to_string(static_cast<int>(statement.kind)) + ':' +
              std::to_string(static_cast<int>(statement.act));
      for (const auto id : statement.ids) text += ' ' + std::to_string(id);
      for (const auto& block : statement.blocks) text += ' ' + block;
      text += ' ' + statement.text + '\n';
    }
    transactions.push_back(transaction);
  }
  std::string text;
  std::vector<Transaction> transactions;

 private:
  void give_ids(Statement& statement) {
    using Kind = Statement::Kind;
    if (statement.kind == Kind::create_run || statement.kind == Kind::change_key)
      statement.run->id = ++last_id_;
    if (statement.kind == Kind::create_run) statement.ids = {last_id_};
    if (statement.kind == Kind::create_block) statement.ids = {statement.run->id};
    if (statement.kind == Kind::create_trigger) statement.pipeline->trigger.id = ++last_trigger_;
    if (statement.kind == Kind::create_backfill) statement.backfill->id = ++last_id_;
    if (statement.kind == Kind::backfill_trigger) statement.backfill->trigger_id = ++last_trigger_;
  }
  std::int64_t last_id_ = 0;
  std::int64_t last_trigger_ = 0;
};

inline std::size_t count(const Transaction& transaction, Statement::Kind kind) {
  return static_cast<std::size_t>(
      std::count_if(transaction.statements.begin(), transaction.statements.end(),
                    [&](const Statement& statement) { return statement.kind == kind; }));
}

inline std::size_t count(const Transaction& transaction, Act act) {
  return static_cast<std::size_t>(std::count_if(
      transaction.statements.begin(), transaction.statements.end(),
      [&](const Statement& one) { return one.kind == Statement::Kind::act && one.act == act; }));
}

}  // namespace walpulse::mage_sim
