#pragma once

#include <array>
#include <string_view>
#include <utility>

namespace walpulse::mage_sim {

/// How often each thing happens that Mage 0.9.80 does to pipeline_run, or people by hand.
/// Probabilities per run, but for those marked otherwise: "per arrival" happens to a whole
/// pipeline.
struct Odds {
  double manual = 0;              ///< Inserted without a trigger, which no path of Mage's does.
  double backfill = 0.05;         ///< Several runs with historic dates.
  double early = 0.10;            ///< Per arrival: made in a transaction that began long before.
  double blocks = 0.05;           ///< With rows in block_run; --blocks and --no-blocks decide it.
  double condition = 0.05;        ///< Of successes: the last block's condition did not hold.
  double large_variables = 0.05;  ///< Over 6 kB: stored out of line, later sent as unchanged.
  double event_variables = 0.10;  ///< The JSON body of a webhook call.
  double skip = 0.04;             ///< Cancelled at once: the previous run is still going.
  double cancel_initial = 0.02;   ///< Cancelled by a person before it started.
  double retry_cancelled = 0.20;  ///< Of those two: made to run after all, and never stamped.
  double init_failure = 0.02;     ///< INITIAL to FAILED.
  double stuck = 0.01;            ///< Never ends, as streaming runs do.
  double stuck_initial = 0.20;    ///< Of those: never even starts.
  double cancel = 0.03;
  double fail = 0.15;
  double fail_with_completed_at = 0.25;  ///< Of failures: blocks were allowed to fail.
  double run_timeout = 0.10;             ///< Of the others: no block has failed.
  double block_timeout = 0.10;           ///< Of the others: the block's metrics name no error.
  double fail_twice = 0.15;              ///< Of failures: FAILED is written again.
  double retry = 0.40;                   ///< Of failures: the same row runs again.
  double retry_succeeded = 0.01;         ///< Of successes: the same row runs again.
  double retry_next_day = 0.10;          ///< Of those retries: not at once.
  double full_retry = 0.15;  ///< Of failures: a new row with the same date and variables.
  double sla_miss = 0.05;
  double touch = 0.10;             ///< An update of nothing but updated_at.
  double integration = 0.15;       ///< Metric updates between start and end.
  double executor = 0.10;          ///< The executor's type is corrected after the start.
  double remove = 0.01;            ///< Deleted by hand after its end.
  double roll_back = 0.01;         ///< Per transaction: rolled back, then done again.
  double savepoint = 0.02;         ///< Per transaction: with a part rolled back to a savepoint.
  double delete_trigger = 0.003;   ///< Per arrival: the trigger of a pipeline is deleted.
  double cancel_orphan = 0.30;     ///< Of runs under way without their trigger: by a person.
  double rename_pipeline = 0.003;  ///< Per arrival.
  double purge = 0.005;            ///< Per arrival: the older half of the finished runs is deleted.
  double retry_failed = 0.01;      ///< Per arrival: every failed run at once, in one UPDATE.
  double change_key = 0;           ///< Per run while it runs, and again after its end: another id.
  double rename_table = 0;         ///< Per transaction: the table bears another name meanwhile.
  int retries_max = 3;             ///< Of one row. Not a probability: scenarios set it.
};

using OddsMember = double Odds::*;
/// The names that `--odds NAME=PROBABILITY` takes.
inline constexpr std::array<std::pair<std::string_view, OddsMember>, 37> kOddsNames{{
    {"manual", &Odds::manual},
    {"backfill", &Odds::backfill},
    {"early", &Odds::early},
    {"blocks", &Odds::blocks},
    {"condition", &Odds::condition},
    {"large_variables", &Odds::large_variables},
    {"event_variables", &Odds::event_variables},
    {"skip", &Odds::skip},
    {"cancel_initial", &Odds::cancel_initial},
    {"retry_cancelled", &Odds::retry_cancelled},
    {"init_failure", &Odds::init_failure},
    {"stuck", &Odds::stuck},
    {"stuck_initial", &Odds::stuck_initial},
    {"cancel", &Odds::cancel},
    {"fail", &Odds::fail},
    {"fail_with_completed_at", &Odds::fail_with_completed_at},
    {"run_timeout", &Odds::run_timeout},
    {"block_timeout", &Odds::block_timeout},
    {"fail_twice", &Odds::fail_twice},
    {"retry", &Odds::retry},
    {"retry_succeeded", &Odds::retry_succeeded},
    {"retry_next_day", &Odds::retry_next_day},
    {"full_retry", &Odds::full_retry},
    {"sla_miss", &Odds::sla_miss},
    {"touch", &Odds::touch},
    {"integration", &Odds::integration},
    {"executor", &Odds::executor},
    {"remove", &Odds::remove},
    {"roll_back", &Odds::roll_back},
    {"savepoint", &Odds::savepoint},
    {"delete_trigger", &Odds::delete_trigger},
    {"cancel_orphan", &Odds::cancel_orphan},
    {"rename_pipeline", &Odds::rename_pipeline},
    {"purge", &Odds::purge},
    {"retry_failed", &Odds::retry_failed},
    {"change_key", &Odds::change_key},
    {"rename_table", &Odds::rename_table},
}};

}  // namespace walpulse::mage_sim
