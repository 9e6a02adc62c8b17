#include <nlohmann/json.hpp>

#include "decoder/mage/pipeline_run.h"
#include "monitor/api/api_json.h"

namespace walpulse::monitor::api {
namespace {

std::string_view word_of(schema::Operation operation) {
  switch (operation) {
    case schema::Operation::insert:
      return "insert";
    case schema::Operation::update:
      return "update";
    case schema::Operation::remove:
      return "delete";
    case schema::Operation::truncate:
      return "truncate";
    case schema::Operation::read:
      return "read";
  }
  return "update";
}

/// Mage writes completed_at where a block completed, and nowhere else; a retry leaves it stale.
std::optional<Timestamp> block_end(const KnownBlock& known) {
  const mage::BlockRun& block = known.block;
  if (block.status == mage::kCompleted) return block.completed_at;
  const bool ended = block.status == mage::kFailed || block.status == mage::kCancelled;
  return ended ? std::optional(known.since) : std::nullopt;
}

std::optional<double> block_seconds(const KnownBlock& known) {
  const auto& started = known.block.started_at;
  const auto ended = block_end(known);
  if (!started || !ended || *ended < *started) return std::nullopt;
  return std::chrono::duration<double>(*ended - *started).count();
}

}  // namespace

Json json_of(const Links& links, const reading::RunView& view) {
  const RunSummary& run = view.run;
  const std::string id = Links::id(view.source, run.key.run);
  return {
      {"id", id},
      {"url", Links::url("runs", id)},
      {"mage_url", run.deleted ? Json(nullptr) : links.mage_run(run.pipeline, run.key.run)},
      {"mage_logs_url", run.deleted ? Json(nullptr) : links.mage_logs(run.pipeline, run.key.run)},
      {"source", view.source},
      {"run", run.key.run},
      {"pipeline", pipeline_ref(links, view.source, run.pipeline)},
      {"status", run.status},
      {"active", run.active},
      {"orphaned", view.orphaned()},
      {"deleted", run.deleted},
      {"trigger", trigger_ref(view.source, run.schedule, view.trigger_name)},
      {"made_by", view.made_by()},
      {"slot", instant(run.slot)},
      {"labels", labels_json(run.labels)},
      {"created_at", instant(run.created)},
      {"started_at", instant(run.started)},
      {"ended_at", instant(run.ended)},
      {"seconds", seconds_or_null(run.seconds)},
      {"attempts", run.attempts}};
}

Json json_of(const RunStep& step) {
  return {{"at", instant(step.at)},
          {"status", step.status},
          {"operation", word_of(step.operation)},
          {"epoch", std::to_string(step.position.epoch)},
          {"lsn", to_string(step.position.commit_lsn)},
          {"ordinal", step.position.ordinal}};
}

Json json_of(const KnownBlock& known) {
  const mage::BlockRun& block = known.block;
  return {{"id", block.id},
          {"name", text_or_null(block.block_uuid.value_or(""))},
          {"status", text_or_null(block.status.value_or(""))},
          {"created_at", instant(block.created_at)},
          {"started_at", instant(block.started_at)},
          {"ended_at", instant(block_end(known))},
          {"seconds", seconds_or_null(block_seconds(known))},
          {"error", text_or_null(block.error.value_or(""))}};
}

}  // namespace walpulse::monitor::api
