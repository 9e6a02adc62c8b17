#include "bench/mage_sim/database.h"

#include <exception>
#include <optional>
#include <pqxx/pqxx>
#include <regex>
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

std::string block(const std::string& assignments) {
  return "UPDATE block_run SET updated_at = CURRENT_TIMESTAMP, " + assignments +
         " WHERE pipeline_run_id = ANY ($1::integer[])";
}

// Of a backfill's steps $1 is its id and $2 its trigger's; not each of them asks for both.
constexpr const char* kOfBackfill = " WHERE id = $1 AND $2::integer IS NOT NULL";

std::string backfill(const std::string& assignments) {
  return "UPDATE backfill SET updated_at = CURRENT_TIMESTAMP, " + assignments + kOfBackfill;
}

std::string backfill_status(const std::string& status) {
  return backfill("status = '" + status + "'");
}

std::string trigger(const std::string& status) {
  return "UPDATE pipeline_schedule SET updated_at = CURRENT_TIMESTAMP, status = '" + status +
         "' WHERE id = $2 AND $1::integer IS NOT NULL";
}

std::vector<Prepared> statements() {
  return {
      {"create_trigger",
       "INSERT INTO pipeline_schedule (name, pipeline_uuid, schedule_type, schedule_interval, "
       "status, start_time, sla) VALUES ($1 || ' trigger', $1, 'TIME', '@hourly', 'ACTIVE', "
       "CURRENT_TIMESTAMP, 3600) RETURNING id"},
      {"create_backfill",
       "INSERT INTO backfill (name, pipeline_uuid, interval_type, interval_units) "
       "VALUES ('backfill', $1, 'DAY', 1) RETURNING id"},
      {"backfill_trigger",
       "INSERT INTO pipeline_schedule (name, pipeline_uuid, schedule_interval, status) "
       "VALUES ('Backfill ' || $1, $1, '@once', 'INACTIVE') RETURNING id"},
      {"backfill_link", backfill("pipeline_schedule_id = $2")},
      {"backfill_activate", trigger("ACTIVE")},
      {"backfill_initial", backfill_status("INITIAL")},
      {"backfill_running", backfill_status("RUNNING")},
      {"backfill_failed", backfill_status("FAILED")},
      {"backfill_completed", backfill_status("COMPLETED")},
      {"backfill_deactivate", trigger("INACTIVE")},
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
      {"change_key",
       "UPDATE pipeline_run SET id = nextval('pipeline_run_id_seq') WHERE id = $1 RETURNING id"},
      {"block_create",
       "INSERT INTO block_run (pipeline_run_id, block_uuid, status) "
       "SELECT unnest($1::integer[]), 'load_data', 'INITIAL'"},
      {"block_start", block("status = 'RUNNING', started_at = clock_timestamp()")},
      {"block_complete", block("status = 'COMPLETED', completed_at = clock_timestamp()")},
      {"block_fail", block("status = 'FAILED', metrics = '{\"error\": {\"error\": \"x\"}}'")},
      {"block_reset", block("status = 'INITIAL'")},
      {"remove_blocks", "DELETE FROM block_run WHERE pipeline_run_id = ANY ($1::integer[])"},
      {"remove", std::string("DELETE FROM pipeline_run") + kOfIds},
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
    case Act::block_create:
      return "block_create";
    case Act::block_start:
      return "block_start";
    case Act::block_complete:
      return "block_complete";
    case Act::block_fail:
      return "block_fail";
    case Act::block_reset:
      return "block_reset";
    case Act::touch:
    case Act::again:       // an INSERT of its own
    case Act::change_key:  // a kind of its own
      break;
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

bool of_blocks(Act act) {
  return act == Act::block_create || act == Act::block_start || act == Act::block_complete ||
         act == Act::block_fail || act == Act::block_reset;
}

// One transaction's statements; while the table bears another name they are no prepared ones.
class Session {
 public:
  Session(pqxx::dbtransaction& work, bool renamed) : work_(work), renamed_(renamed) {}

  template <class... Parameters>
  pqxx::result exec(const std::string& name, const Parameters&... parameters) {
    if (!renamed_) return work_.exec_prepared(name, parameters...);
    for (const Prepared& statement : statements())
      if (statement.name == name) return work_.exec_params(renamed(statement.sql), parameters...);
    throw std::logic_error(name + " is no statement");
  }
  template <class... Parameters>
  std::int64_t id(const std::string& name, const Parameters&... parameters) {
    return exec(name, parameters...)[0][0].template as<std::int64_t>();
  }
  void plain(const char* sql) { work_.exec(renamed_ ? renamed(sql) : sql); }

 private:
  static std::string renamed(const std::string& sql) {
    static const std::regex name("\\bpipeline_run\\b");
    return std::regex_replace(sql, name, "pipeline_run_renamed");
  }
  pqxx::dbtransaction& work_;
  const bool renamed_;
};

std::uint64_t create_run(Session& session, Statement& statement) {
  Run& run = *statement.run;
  const std::int64_t trigger = run.backfill    ? run.backfill->trigger_id
                               : run.triggered ? statement.pipeline->trigger_id
                                               : 0;
  run.id = session.id("create_run", run.ages.created_ms, trigger, statement.pipeline->name,
                      run.execution_age_ms, nullable(run.variables), nullable(run.event_variables),
                      run.backfill ? run.backfill->id : 0);
  return 1;
}

std::uint64_t perform(Session& session, const Statement& statement) {
  const std::string ids = array_of(statement.ids);
  const char* name = name_of(statement.act);
  if (statement.act == Act::start) {
    return session.exec(name, ids, statement.age_ms).affected_rows();
  }
  if (statement.act == Act::metrics) {
    return session.exec(name, ids, statement.text).affected_rows();
  }
  if (statement.act == Act::remove) session.exec("remove_blocks", ids);
  const auto rows = session.exec(name, ids).affected_rows();
  return of_blocks(statement.act) ? 0 : rows;
}

// The old id ends and the new one begins: two changes.
std::uint64_t change_key(Session& session, Statement& statement) {
  session.exec("remove_blocks", array_of(statement.ids));
  statement.run->id = session.id("change_key", statement.ids.front());
  return 2;
}

std::uint64_t perform_any(Session& session, Statement& statement) {
  switch (statement.kind) {
    case Statement::Kind::create_trigger:
      statement.pipeline->trigger_id = session.id("create_trigger", statement.pipeline->name);
      return 0;
    case Statement::Kind::create_backfill:
      statement.backfill->id = session.id("create_backfill", statement.pipeline->name);
      return 0;
    case Statement::Kind::backfill_trigger:
      statement.backfill->trigger_id = session.id("backfill_trigger", statement.pipeline->name);
      return 0;
    case Statement::Kind::backfill_step:
      session.exec(statement.text, statement.backfill->id, statement.backfill->trigger_id);
      return 0;
    case Statement::Kind::begin_early:
      return 0;
    case Statement::Kind::create_run:
      return create_run(session, statement);
    case Statement::Kind::change_key:
      return change_key(session, statement);
    case Statement::Kind::act:
      return perform(session, statement);
    case Statement::Kind::delete_trigger: {
      const std::int64_t trigger = statement.ids.front();
      const auto detached = session.exec("detach_runs", trigger).affected_rows();
      session.exec("delete_trigger", trigger);
      return detached;
    }
    case Statement::Kind::rename:
      session.exec("rename_triggers", statement.text, statement.to);
      return session.exec("rename_runs", statement.text, statement.to).affected_rows();
    case Statement::Kind::purge: {
      const std::string ids = array_of(statement.ids);
      session.exec("remove_blocks", ids);
      return session.exec("remove", ids).affected_rows();
    }
  }
  return 0;
}

std::uint64_t perform_all(pqxx::dbtransaction& work, Transaction& transaction) {
  std::uint64_t changes = 0;
  Session session(work, transaction.renamed);
  if (transaction.renamed) work.exec("ALTER TABLE pipeline_run RENAME TO pipeline_run_renamed");
  if (transaction.savepoint) {
    // What a failed attempt inside a transaction leaves: WAL that must never become an event.
    work.exec("SAVEPOINT attempt");
    session.plain("INSERT INTO pipeline_run (pipeline_uuid, status) VALUES ('never', 'FAILED')");
    work.exec("ROLLBACK TO SAVEPOINT attempt");
  }
  for (Statement& statement : transaction.statements) changes += perform_any(session, statement);
  if (transaction.renamed) work.exec("ALTER TABLE pipeline_run_renamed RENAME TO pipeline_run");
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
  Connection(const std::string& to, const std::string& in) : dsn(to), schema(in), pq(dsn) {
    prepare(pq);
  }
  void prepare(pqxx::connection& one) const {
    one.set_variable("search_path", one.quote_name(schema));
    one.set_variable("timezone", "'UTC'");
    one.set_variable("client_min_messages", "warning");
    for (const Prepared& statement : statements()) one.prepare(statement.name, statement.sql);
  }
  const std::string dsn;
  const std::string schema;
  pqxx::connection pq;
  /// Mage's web process: its transactions begin long before they write.
  std::optional<pqxx::connection> early_pq;
  std::optional<pqxx::work> early;
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
    connection_->prepare(*connection_->early_pq);
  }
  connection_->early.emplace(*connection_->early_pq);
  connection_->early->exec("SELECT 1");
}

std::uint64_t Database::commit_early(Transaction& transaction) {
  const std::uint64_t changes = perform_all(*connection_->early, transaction);
  connection_->early->commit();
  connection_->early.reset();
  return changes;
}

Result<std::uint64_t> Database::commit(Transaction& transaction) {
  return guarded([&]() -> std::uint64_t {
    if (transaction.early) return commit_early(transaction);
    if (transaction.statements.front().kind == Statement::Kind::begin_early) {
      begin_early();
      return 0;
    }
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
