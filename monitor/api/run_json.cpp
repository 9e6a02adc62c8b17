#include <nlohmann/json.hpp>

#include "decoder/mage/pipeline_run.h"
#include "monitor/api/api_json.h"
#include "monitor/api/json_members.h"

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

/// Of a run's text, with its links and few labels.
constexpr std::size_t kLikelyBytes = 1024;

void write_link(JsonMembers& members, std::string_view name, const Json& link) {
  members.text_or_null(name,
                       link.is_null() ? std::string_view() : link.get_ref<const std::string&>());
}

/// As pipeline_ref() has it.
void write_pipeline(JsonWriter& out, const Links& links, const reading::RunView& view) {
  const std::string id = Links::id(view.source, view.run.pipeline);
  JsonMembers members(out);
  members.text("id", id);
  members.text("name", view.run.pipeline);
  members.text("url", Links::url("pipelines", id));
  write_link(members, "mage_url", links.mage_pipeline(view.run.pipeline));
}

/// As trigger_ref() has it.
void write_trigger(JsonMembers& of_run, const reading::RunView& view) {
  if (!view.run.schedule) return of_run.null("trigger");
  JsonMembers members(of_run.begin("trigger"));
  members.text("id", Links::id(view.source, *view.run.schedule));
  members.text_or_null("name", view.trigger_name);
}

void write_labels(JsonWriter& out, const telemetry::Labels& labels) {
  JsonMembers members(out);
  for (const auto& [name, value] : labels) members.text(name, value);
}

}  // namespace

std::string text_of(const Links& links, const reading::RunView& view) {
  const RunSummary& run = view.run;
  const std::string id = Links::id(view.source, run.key.run);
  std::string text;
  {
    JsonWriter out(text, kLikelyBytes);
    JsonMembers members(out);
    members.text("id", id);
    members.text("url", Links::url("runs", id));
    write_link(members, "mage_url",
               run.deleted ? Json(nullptr) : links.mage_run(run.pipeline, run.key.run));
    write_link(members, "mage_logs_url",
               run.deleted ? Json(nullptr) : links.mage_logs(run.pipeline, run.key.run));
    members.text("source", view.source);
    members.number("run", run.key.run);
    write_pipeline(members.begin("pipeline"), links, view);
    members.text("status", run.status);
    members.flag("active", run.active);
    members.flag("orphaned", view.orphaned());
    members.flag("deleted", run.deleted);
    write_trigger(members, view);
    members.text("made_by", view.made_by());
    members.instant("slot", run.slot);
    write_labels(members.begin("labels"), run.labels);
    members.instant("created_at", run.created);
    members.instant("started_at", run.started);
    members.instant("ended_at", run.ended);
    members.seconds("seconds", run.seconds);
    members.number("attempts", run.attempts);
  }
  return text;
}

Json json_of(const Links& links, const reading::RunView& view) {
  return Json::parse(text_of(links, view));
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
