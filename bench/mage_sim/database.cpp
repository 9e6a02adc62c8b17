#include "bench/mage_sim/database.h"

#include <exception>
#include <optional>
#include <pqxx/pqxx>
#include <utility>

#include "bench/mage_sim/past.h"
#include "bench/mage_sim/perform.h"
#include "bench/mage_sim/statements.h"

namespace walpulse::mage_sim {
namespace {

template <class Function>
auto guarded(Function&& function) -> Result<decltype(function())> {
  try {
    return function();
  } catch (const pqxx::broken_connection& error) {
    return fail(ErrorKind::unavailable, error.what());
  } catch (const std::exception& error) {
    return fail(ErrorKind::rejected, error.what());
  }
}

}  // namespace

struct Database::Connection {
  Connection(const std::string& to, const std::string& in) : dsn(to), schema(in), pq(dsn) {
    prepare(pq, false);
  }
  void prepare(pqxx::connection& one, bool for_past) const {
    one.set_variable("search_path", one.quote_name(schema));
    one.set_variable("timezone", "'UTC'");
    one.set_variable("client_min_messages", "warning");
    for (const Prepared& statement : statements()) {
      one.prepare(statement.name, for_past ? at_another_time(statement.sql) : statement.sql);
      if (for_past) one.prepare_now(statement.name);  // It is executed by its name in SQL.
    }
  }
  const std::string dsn;
  const std::string schema;
  pqxx::connection pq;
  /// Mage's web process: its transactions begin long before they write.
  std::optional<pqxx::connection> early_pq;
  std::optional<pqxx::work> early;
  std::optional<pqxx::connection> past_pq;
  std::optional<Past> past;
};

Database::Database(std::unique_ptr<Connection> connection) : connection_(std::move(connection)) {}
Database::~Database() = default;
Database::Database(Database&&) noexcept = default;
Database& Database::operator=(Database&&) noexcept = default;

Result<Database> Database::open(const std::string& dsn, const std::string& schema) {
  return guarded([&] { return Database(std::make_unique<Connection>(dsn, schema)); });
}

Result<void> Database::run(const std::string& script) {
  auto done = guarded([&] {
    pqxx::work work(connection_->pq);
    work.exec(script);
    work.commit();
    return true;
  });
  if (!done) return tl::unexpected(done.error());
  return {};
}

Result<std::vector<std::vector<std::string>>> Database::query(const std::string& sql) {
  return guarded([&] {
    pqxx::read_transaction work(connection_->pq);
    std::vector<std::vector<std::string>> rows;
    for (const auto& row : work.exec(sql)) {
      auto& cells = rows.emplace_back();
      for (const auto& cell : row) cells.emplace_back(cell.c_str());
    }
    return rows;
  });
}

// The statement sets the transaction's time, and locks nothing.
void Database::begin_early() {
  if (!connection_->early_pq) {
    connection_->early_pq.emplace(connection_->dsn);
    connection_->prepare(*connection_->early_pq, false);
  }
  connection_->early.emplace(*connection_->early_pq);
  connection_->early->exec("SELECT 1");
}

std::uint64_t Database::commit_early(Transaction& transaction) {
  const std::uint64_t changes = perform(*connection_->early, transaction);
  connection_->early->commit();
  connection_->early.reset();
  return changes;
}

std::uint64_t Database::commit_past(Transaction& transaction) {
  Connection& own = *connection_;
  if (!own.past) {
    own.past_pq.emplace(own.dsn);
    own.prepare(*own.past_pq, true);
    own.past.emplace(*own.past_pq);
  }
  const std::string setting = own.past->setting(*transaction.at_ms);
  if (transaction.statements.size() == 1 && transaction.statements.front().act != Act::remove) {
    pqxx::nontransaction work(*own.past_pq);
    return perform_alone(work, setting, transaction.statements.front());
  }
  pqxx::work work(*own.past_pq);
  work.exec(setting);
  const std::uint64_t changes = perform(work, transaction);
  work.commit();
  return changes;
}

Result<bool> Database::end_past() {
  return guarded([&] {
    const bool told = !connection_->past || connection_->past->sets_commit_times();
    connection_->past.reset();
    connection_->past_pq.reset();
    return told;
  });
}

Result<std::uint64_t> Database::commit(Transaction& transaction) {
  return guarded([&]() -> std::uint64_t {
    if (transaction.statements.empty()) return 0;
    if (transaction.at_ms) return commit_past(transaction);
    if (transaction.early) return commit_early(transaction);
    if (transaction.statements.front().kind == Statement::Kind::begin_early) {
      begin_early();
      return 0;
    }
    if (transaction.roll_back_first) {
      pqxx::work work(connection_->pq);
      perform(work, transaction);
      work.abort();
    }
    pqxx::work work(connection_->pq);
    const std::uint64_t changes = perform(work, transaction);
    work.commit();
    return changes;
  });
}

}  // namespace walpulse::mage_sim
