#include "bench/mage_sim/statements.h"

#include "decoder/base/pattern.h"

namespace walpulse::mage_sim {
namespace {

// Mage's ORM sets updated_at in every UPDATE. Ages are how far back an instant is to lie, in ms.
constexpr const char* kUpdate = "UPDATE pipeline_run SET updated_at = CURRENT_TIMESTAMP, ";
constexpr const char* kOfIds = " WHERE id = ANY ($1::integer[])";

std::string update(const std::string& assignments) { return kUpdate + assignments + kOfIds; }

std::string blocks(const std::string& assignments, const std::string& which) {
  return "UPDATE block_run SET updated_at = CURRENT_TIMESTAMP, " + assignments +
         " WHERE pipeline_run_id = ANY ($1::integer[]) AND " + which;
}

std::string block(const std::string& assignments) {
  return blocks(assignments, "block_uuid = ANY ($2::text[])");
}

// Of a backfill's steps $1 is its id and $2 its trigger's; not each of them asks for both.
std::string backfill(const std::string& assignments) {
  return "UPDATE backfill SET updated_at = CURRENT_TIMESTAMP, " + assignments +
         " WHERE id = $1 AND $2::integer IS NOT NULL";
}

std::string trigger(const std::string& status) {
  return "UPDATE pipeline_schedule SET updated_at = CURRENT_TIMESTAMP, status = '" + status +
         "' WHERE id = $2 AND $1::integer IS NOT NULL";
}

std::vector<Prepared> of_triggers() {
  return {
      {"create_trigger",
       "INSERT INTO pipeline_schedule (created_at, updated_at, name, pipeline_uuid, schedule_type, "
       "schedule_interval, status, start_time, sla, settings, token, repo_path, last_enabled_at) "
       "VALUES (CURRENT_TIMESTAMP, CURRENT_TIMESTAMP, $1 || ' trigger', $1, "
       "CASE $2 WHEN '' THEN 'API' ELSE 'TIME' END::scheduletype, nullif($2, ''), 'ACTIVE', "
       "CASE WHEN $2 <> '' THEN CURRENT_TIMESTAMP - $5::bigint * interval '1 ms' END, "
       "nullif($3::integer, 0), nullif($4, '')::json, md5($1 || clock_timestamp()), "
       "'/home/src/project', CURRENT_TIMESTAMP - $5::bigint * interval '1 ms') RETURNING id"},
      {"rename_triggers",
       "UPDATE pipeline_schedule SET updated_at = CURRENT_TIMESTAMP, pipeline_uuid = $2 "
       "WHERE pipeline_uuid = $1"},
      {"detach_runs",
       std::string(kUpdate) + "pipeline_schedule_id = NULL WHERE pipeline_schedule_id = $1"},
      {"delete_trigger", "DELETE FROM pipeline_schedule WHERE id = $1"},
      {"create_backfill",
       "INSERT INTO backfill (created_at, updated_at, name, pipeline_uuid, interval_type, "
       "interval_units, start_datetime, end_datetime) VALUES (CURRENT_TIMESTAMP, "
       "CURRENT_TIMESTAMP, 'backfill', $1, 'DAY', 1, CURRENT_TIMESTAMP - interval '35 d', "
       "CURRENT_TIMESTAMP - interval '30 d') "
       "RETURNING id"},
      {"backfill_trigger",
       "INSERT INTO pipeline_schedule (created_at, updated_at, name, pipeline_uuid, start_time, "
       "schedule_interval, status, settings, token) VALUES (CURRENT_TIMESTAMP, CURRENT_TIMESTAMP, "
       "'Backfill ' || $1, $1, clock_timestamp(), '@once', 'INACTIVE', 'null', "
       "md5($1 || clock_timestamp())) RETURNING id"},
      {"backfill_link", backfill("pipeline_schedule_id = $2")},
      {"backfill_activate", trigger("ACTIVE")},
      {"backfill_initial", backfill("status = 'INITIAL', started_at = clock_timestamp()")},
      {"backfill_running", backfill("status = 'RUNNING'")},
      {"backfill_failed", backfill("status = 'FAILED'")},
      {"backfill_completed", backfill("status = 'COMPLETED', completed_at = clock_timestamp()")},
      {"backfill_deactivate", trigger("INACTIVE")},
  };
}

std::vector<Prepared> of_runs() {
  return {
      {"create_run",
       "INSERT INTO pipeline_run (created_at, updated_at, pipeline_schedule_id, pipeline_uuid, "
       "execution_date, status, variables, passed_sla, event_variables, backfill_id, "
       "executor_type) VALUES (CURRENT_TIMESTAMP - $1::bigint * interval '1 ms', "
       "CURRENT_TIMESTAMP, nullif($2, 0), $3, to_timestamp($4::bigint / 1000.0), 'INITIAL', $5, "
       "false, $6, nullif($7, 0), 'LOCAL_PYTHON') RETURNING id"},
      {"start",
       update("status = 'RUNNING', started_at = clock_timestamp() - $2::bigint * interval '1 ms'")},
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
      {"remove", std::string("DELETE FROM pipeline_run") + kOfIds},
      {"rename_runs", std::string(kUpdate) + "pipeline_uuid = $2 WHERE pipeline_uuid = $1"},
  };
}

std::vector<Prepared> of_block_rows() {
  return {
      {"block_create",
       "INSERT INTO block_run (created_at, updated_at, pipeline_run_id, block_uuid, status) "
       "SELECT CURRENT_TIMESTAMP, CURRENT_TIMESTAMP, unnest($1::integer[]), unnest($2::text[]), "
       "'INITIAL'"},
      {"block_queue", block("status = 'QUEUED'")},
      {"block_start", block("status = 'RUNNING', started_at = clock_timestamp()")},
      {"block_complete", block("status = 'COMPLETED', completed_at = clock_timestamp()")},
      {"block_fail", block("status = 'FAILED', metrics = $3::json")},
      {"block_time_out", block("status = 'FAILED', metrics = '{}'")},
      {"block_fail_upstream", block("status = 'UPSTREAM_FAILED'")},
      {"block_fail_condition", block("status = 'CONDITION_FAILED'")},
      {"blocks_cancel",
       blocks("status = 'CANCELLED'",
              "status IN ('INITIAL', 'QUEUED', 'RUNNING') AND $2::text[] IS NOT NULL")},
      {"blocks_reset",
       blocks("status = 'INITIAL'", "(status <> 'COMPLETED' OR block_uuid = ANY ($2::text[]))")},
      {"remove_blocks", "DELETE FROM block_run WHERE pipeline_run_id = ANY ($1::integer[])"},
  };
}

}  // namespace

const std::vector<Prepared>& statements() {
  static const std::vector<Prepared> all = [] {
    std::vector<Prepared> gathered = of_triggers();
    for (const auto& more : {of_runs(), of_block_rows()})
      gathered.insert(gathered.end(), more.begin(), more.end());
    return gathered;
  }();
  return all;
}

const char* statement_name(Act act) {
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
    case Act::block_queue:
      return "block_queue";
    case Act::block_start:
      return "block_start";
    case Act::block_complete:
      return "block_complete";
    case Act::block_fail:
      return "block_fail";
    case Act::block_time_out:
      return "block_time_out";
    case Act::block_fail_upstream:
      return "block_fail_upstream";
    case Act::block_fail_condition:
      return "block_fail_condition";
    case Act::blocks_cancel:
      return "blocks_cancel";
    case Act::blocks_reset:
      return "blocks_reset";
    case Act::touch:
    case Act::again:       // an INSERT of its own
    case Act::change_key:  // a kind of its own
      break;
  }
  return "touch";
}

std::string at_another_time(const std::string& sql) {
  static const Pattern now("CURRENT_TIMESTAMP|clock_timestamp[(][)]");
  return now.replaced(sql, "current_setting('mage_sim.at')::timestamptz");
}

std::string renamed(const std::string& sql) {
  static const Pattern name("\\bpipeline_run\\b");
  return name.replaced(sql, "pipeline_run_renamed");
}

}  // namespace walpulse::mage_sim
