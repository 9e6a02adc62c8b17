#include "bench/mage_sim/perform.h"

#include <chrono>
#include <optional>

#include "bench/mage_sim/session.h"
#include "bench/mage_sim/slots.h"

namespace walpulse::mage_sim {
namespace {

constexpr std::int64_t kDayMs = 86'400'000;

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

std::string array_of(const std::vector<std::string>& names) {
  std::string text = "{";
  for (const std::string& name : names) {
    if (text.size() > 1) text += ',';
    text += '"' + name + '"';
  }
  return text + '}';
}

std::int64_t unix_ms() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

// As Mage sets execution_date: to the newest slot, a backfill's day, or the instant.
std::int64_t execution_ms(const Run& run, const Pipeline& pipeline, std::int64_t now_ms) {
  if (run.backfill) return (now_ms - run.execution_age_ms) / kDayMs * kDayMs;
  if (run.triggered && pipeline.trigger.timed())
    return slot_at_or_before(pipeline.trigger.interval, now_ms);
  return now_ms;
}

std::uint64_t create_run(Session& session, Statement& statement) {
  Run& run = *statement.run;
  const Pipeline& pipeline = *statement.pipeline;
  const std::int64_t trigger = run.backfill    ? run.backfill->trigger_id
                               : run.triggered ? pipeline.trigger.id
                                               : 0;
  if (!run.execution_ms) run.execution_ms = execution_ms(run, pipeline, unix_ms());
  run.id = session.id("create_run", run.ages.created_ms, trigger, pipeline.name, *run.execution_ms,
                      nullable(run.variables), nullable(run.event_variables),
                      run.backfill ? run.backfill->id : 0);
  return 1;
}

std::int64_t create_trigger(Session& session, const Pipeline& pipeline) {
  const Trigger& trigger = pipeline.trigger;
  return session.id("create_trigger", pipeline.name, trigger.interval, trigger.sla_seconds,
                    trigger.settings, trigger.age_ms);
}

std::uint64_t act(Session& session, const Statement& statement) {
  const std::string ids = array_of(statement.ids);
  const char* name = statement_name(statement.act);
  switch (statement.act) {
    case Act::start:
      return session.exec(name, ids, statement.age_ms).affected_rows();
    case Act::metrics:
      return session.exec(name, ids, statement.text).affected_rows();
    case Act::block_fail:
      session.exec(name, ids, array_of(statement.blocks), statement.text);
      return 0;
    case Act::remove:
      session.exec("remove_blocks", ids);
      break;
    default:
      break;
  }
  if (!of_blocks(statement.act)) return session.exec(name, ids).affected_rows();
  session.exec(name, ids, array_of(statement.blocks));
  return 0;
}

// The old id ends and the new one begins: two changes.
std::uint64_t change_key(Session& session, Statement& statement) {
  session.exec("remove_blocks", array_of(statement.ids));
  statement.run->id = session.id("change_key", statement.ids.front());
  return 2;
}

std::uint64_t execute(Session& session, Statement& statement) {
  switch (statement.kind) {
    case Statement::Kind::create_trigger:
      statement.pipeline->trigger.id = create_trigger(session, *statement.pipeline);
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
    case Statement::Kind::create_block:
      statement.ids = {statement.run->id};
      return act(session, statement);
    case Statement::Kind::change_key:
      return change_key(session, statement);
    case Statement::Kind::act:
      return act(session, statement);
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

}  // namespace

std::uint64_t perform(pqxx::dbtransaction& work, Transaction& transaction) {
  std::uint64_t changes = 0;
  Session session(work, transaction.renamed);
  if (transaction.renamed) work.exec("ALTER TABLE pipeline_run RENAME TO pipeline_run_renamed");
  if (transaction.savepoint) {
    // What a failed attempt inside a transaction leaves: WAL that must never become an event.
    work.exec("SAVEPOINT attempt");
    session.plain("INSERT INTO pipeline_run (pipeline_uuid, status) VALUES ('never', 'FAILED')");
    work.exec("ROLLBACK TO SAVEPOINT attempt");
  }
  for (Statement& statement : transaction.statements) changes += execute(session, statement);
  if (transaction.renamed) work.exec("ALTER TABLE pipeline_run_renamed RENAME TO pipeline_run");
  return changes;
}

std::uint64_t perform_alone(pqxx::nontransaction& work, const std::string& before,
                            Statement& statement) {
  Session session(work, false, before);
  return execute(session, statement);
}

}  // namespace walpulse::mage_sim
