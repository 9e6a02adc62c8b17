#include "bench/mage_sim/database.h"

#include <exception>
#include <pqxx/pqxx>
#include <utility>

namespace walpulse::mage_sim {
namespace {

// Mage's ORM sets updated_at in every UPDATE. Ages are how far back an instant is to lie, in ms.
constexpr const char* kUpdate = "UPDATE pipeline_run SET updated_at = CURRENT_TIMESTAMP, ";
constexpr const char* kOfIds = " WHERE id = ANY ($1::integer[])";

struct Prepared {
  const char* name;
  std::string sql;
};

std::string update(const std::string& assignments) { return kUpdate + assignments + kOfIds; }

std::vector<Prepared> statements() {
  return {
      {"create_trigger",
       "INSERT INTO pipeline_schedule (name, pipeline_uuid, schedule_type, schedule_interval, "
       "status, start_time, sla) VALUES ($1 || ' trigger', $1, 'TIME', '@hourly', 'ACTIVE', "
       "CURRENT_TIMESTAMP, 3600) RETURNING id"},
      {"create_backfill",
       "INSERT INTO backfill (name, pipeline_uuid, pipeline_schedule_id, status, interval_type, "
       "interval_units) VALUES ('backfill', $1, $2, 'INITIAL', 'DAY', 1) RETURNING id"},
      {"create_run",
       "INSERT INTO pipeline_run (created_at, pipeline_schedule_id, pipeline_uuid, execution_date, "
       "status, variables, passed_sla, event_variables, backfill_id, executor_type) VALUES "
       "(CURRENT_TIMESTAMP - $1 * interval '1 ms', nullif($2, 0), $3, "
       "date_trunc('minute', CURRENT_TIMESTAMP) - $4 * interval '1 ms', 'INITIAL', $5, false, $6, "
       "nullif($7, 0), 'LOCAL_PYTHON') RETURNING id"},
      {"start",
       update("status = 'RUNNING', started_at = clock_timestamp() - $2 * interval '1 ms'")},
      {"resume", update("status = 'RUNNING'")},
      {"reset", update("status = 'INITIAL'")},
      {"complete", update("status = 'COMPLETED', completed_at = clock_timestamp()")},
      {"fail", update("status = 'FAILED'")},
      {"fail_ended", update("status = 'FAILED', completed_at = clock_timestamp()")},
      {"cancel", update("status = 'CANCELLED'")},
      {"miss_sla", update("passed_sla = true")},
      {"touch", update("status = status")},
      {"metrics", update("metrics = $2")},
      {"executor", update("executor_type = 'K8S'")},
      {"remove_blocks", "DELETE FROM block_run WHERE pipeline_run_id = ANY ($1::integer[])"},
      {"remove", std::string("DELETE FROM pipeline_run") + kOfIds},
      {"detach_backfills",
       "UPDATE backfill SET pipeline_schedule_id = NULL WHERE pipeline_schedule_id = $1"},
      {"detach_runs",
       std::string(kUpdate) + "pipeline_schedule_id = NULL WHERE pipeline_schedule_id = $1"},
      {"delete_trigger", "DELETE FROM pipeline_schedule WHERE id = $1"},
      {"rename_triggers",
       "UPDATE pipeline_schedule SET pipeline_uuid = $2 WHERE pipeline_uuid = $1"},
      {"rename_runs", std::string(kUpdate) + "pipeline_uuid = $2 WHERE pipeline_uuid = $1"},
  };
}

const char* name_of(Act act) {
  switch (act) {
    case Act::start:
      return "start";
    case Act::resume:
      return "resume";
    case Act::reset:
      return "reset";
    case Act::complete:
      return "complete";
    case Act::fail:
      return "fail";
    case Act::fail_ended:
      return "fail_ended";
    case Act::cancel:
      return "cancel";
    case Act::miss_sla:
      return "miss_sla";
    case Act::metrics:
      return "metrics";
    case Act::executor:
      return "executor";
    case Act::remove:
      return "remove";
    case Act::touch:
    case Act::again:
      break;  // `again` is an INSERT of its own
  }
  return "touch";
}

std::string array_of(const std::vector<std::int64_t>& ids) {
  std::string text = "{";
  for (const std::int64_t id : ids) {
    if (text.size() > 1) text += ',';
    text += std::to_string(id);
  }
  return text + '}';
}

const char* nullable(const std::optional<std::string>& text) {
  return text ? text->c_str() : nullptr;
}

std::uint64_t create_run(pqxx::work& work, Statement& statement) {
  Run& run = *statement.run;
  const Pipeline& pipeline = *statement.pipeline;
  const auto row = work.exec_prepared1(
      "create_run", run.ages.created_ms, run.triggered ? pipeline.trigger_id : 0, pipeline.name,
      run.execution_age_ms, nullable(run.variables), nullable(run.event_variables),
      run.backfilled ? pipeline.backfill_id : 0);
  run.id = row[0].as<std::int64_t>();
  return 1;
}

std::uint64_t perform(pqxx::work& work, const Statement& statement) {
  const std::string ids = array_of(statement.ids);
  const char* name = name_of(statement.act);
  if (statement.act == Act::start) {
    return work.exec_prepared(name, ids, statement.age_ms).affected_rows();
  }
  if (statement.act == Act::metrics) {
    return work.exec_prepared(name, ids, statement.text).affected_rows();
  }
  if (statement.act == Act::remove) work.exec_prepared("remove_blocks", ids);
  return work.exec_prepared(name, ids).affected_rows();
}

std::uint64_t perform_any(pqxx::work& work, Statement& statement) {
  switch (statement.kind) {
    case Statement::Kind::create_trigger:
      statement.pipeline->trigger_id =
          work.exec_prepared1("create_trigger", statement.pipeline->name)[0].as<std::int64_t>();
      return 0;
    case Statement::Kind::create_backfill:
      statement.pipeline->backfill_id =
          work.exec_prepared1("create_backfill", statement.pipeline->name,
                              statement.pipeline->trigger_id)[0]
              .as<std::int64_t>();
      return 0;
    case Statement::Kind::create_run:
      return create_run(work, statement);
    case Statement::Kind::act:
      return perform(work, statement);
    case Statement::Kind::delete_trigger: {
      const std::int64_t trigger = statement.ids.front();
      work.exec_prepared("detach_backfills", trigger);
      const auto detached = work.exec_prepared("detach_runs", trigger).affected_rows();
      work.exec_prepared("delete_trigger", trigger);
      return detached;
    }
    case Statement::Kind::rename:
      work.exec_prepared("rename_triggers", statement.text, statement.to);
      return work.exec_prepared("rename_runs", statement.text, statement.to).affected_rows();
    case Statement::Kind::purge: {
      const std::string ids = array_of(statement.ids);
      work.exec_prepared("remove_blocks", ids);
      return work.exec_prepared("remove", ids).affected_rows();
    }
  }
  return 0;
}

std::uint64_t perform_all(pqxx::work& work, Transaction& transaction) {
  std::uint64_t changes = 0;
  if (transaction.savepoint) {
    // What a failed attempt inside a transaction leaves: WAL that must never become an event.
    work.exec("SAVEPOINT attempt");
    work.exec("INSERT INTO pipeline_run (pipeline_uuid, status) VALUES ('never', 'FAILED')");
    work.exec("ROLLBACK TO SAVEPOINT attempt");
  }
  for (Statement& statement : transaction.statements) changes += perform_any(work, statement);
  return changes;
}

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
  explicit Connection(const std::string& dsn) : pq(dsn) {}
  pqxx::connection pq;
};

Database::Database(std::unique_ptr<Connection> connection) : connection_(std::move(connection)) {}
Database::~Database() = default;
Database::Database(Database&&) noexcept = default;
Database& Database::operator=(Database&&) noexcept = default;

Result<Database> Database::open(const std::string& dsn, const std::string& schema) {
  return guarded([&] {
    auto connection = std::make_unique<Connection>(dsn);
    auto& pq = connection->pq;
    pq.set_variable("search_path", pq.quote_name(schema));
    pq.set_variable("timezone", "'UTC'");
    pq.set_variable("client_min_messages", "warning");
    for (const Prepared& statement : statements()) pq.prepare(statement.name, statement.sql);
    return Database(std::move(connection));
  });
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

Result<std::uint64_t> Database::commit(Transaction& transaction) {
  return guarded([&] {
    if (transaction.roll_back_first) {
      pqxx::work work(connection_->pq);
      perform_all(work, transaction);
      work.abort();
    }
    pqxx::work work(connection_->pq);
    const std::uint64_t changes = perform_all(work, transaction);
    work.commit();
    return changes;
  });
}

}  // namespace walpulse::mage_sim
