#include "monitor/watch/board.h"

#include <algorithm>
#include <memory>
#include <span>

#include "decoder/base/parts.h"
#include "decoder/mage/tables.h"
#include "monitor/ledger/application/known_triggers.h"
#include "monitor/watch/fact_reader.h"
#include "monitor/watch/pipeline_judge.h"
#include "monitor/watch/trigger_judge.h"

namespace walpulse::monitor {
namespace {

/// What is read in one question and held at a time. After a start, or an outage, all of a thousand
/// pipelines are judged anew: one by one that took seconds with a ledger behind a network.
constexpr std::size_t kReadTogether = 100;

}  // namespace

void Board::clear() { *this = Board(); }

void Board::refresh(Transaction& transaction, const Context& context, const rules::Rules& rules,
                    const std::map<std::string, Timestamp>& judged) {
  std::vector<Tables> tables;
  for (const SourceRow& row : context.sources)
    if (mage::table_of(row.table) == mage::Table::runs) tables.push_back({&row, nullptr});
  for (const SourceRow& row : context.sources) {
    if (mage::table_of(row.table) != mage::Table::triggers) continue;
    const auto beside = std::ranges::find(tables, runs_beside(context, row), &Tables::runs);
    if (beside != tables.end()) beside->triggers = &row;
  }
  refresh_tables(tables);
  versions_.clear();
  for (PipelineVersion& version : transaction.runs().versions()) {
    PipelineKey key(version.source, version.pipeline);
    versions_.emplace(std::move(key), std::move(version));
  }
  std::erase_if(pipelines_, [&](const auto& each) { return !versions_.contains(each.first); });
  for (const Tables& of : tables) {
    const auto as_of = judged.find(of.runs->name);
    if (as_of == judged.end()) continue;
    if (of.triggers != nullptr) refresh_triggers(transaction, of);
    refresh_pipelines(transaction, of, rules, as_of->second);
    judge_triggers(transaction, of, rules, as_of->second);
  }
}

/// Empty for a source with one table of runs, as nearly all have.
void Board::refresh_tables(const std::vector<Tables>& tables) {
  std::map<std::string, std::map<std::int64_t, const SourceRow*>> by_source;
  for (const Tables& of : tables) by_source[of.runs->name].emplace(of.runs->id, of.runs);
  tables_apart_.clear();
  for (const auto& [source, rows] : by_source) {
    if (rows.size() < 2) continue;
    for (const auto& [id, row] : rows)
      tables_apart_.emplace(id, TableApart{row->table, id == rows.begin()->first});
  }
}

/// Which triggers there are, and what they are. Those that changed are judged again, and their
/// pipelines, which are told apart by their names and have their slots.
void Board::refresh_triggers(Transaction& transaction, const Tables& tables) {
  const SourceRow& table = *tables.triggers;
  const auto known = trigger_changes_.find(table.id);
  if (known != trigger_changes_.end() && known->second == table.changes) return;
  trigger_changes_[table.id] = table.changes;
  const std::int64_t runs = tables.runs->id;
  const auto judge_again = [&](const KnownTrigger& trigger) {
    const auto at = pipelines_.find({runs, trigger.trigger.pipeline_uuid.value_or("")});
    if (at != pipelines_.end()) at->second.changes = -1;
  };
  std::map<std::int64_t, KnownTrigger> now;
  for (KnownTrigger& trigger : read_triggers(transaction, table)) {
    const std::int64_t id = trigger.trigger.id;
    now.emplace(id, std::move(trigger));
  }
  std::erase_if(triggers_, [&](const auto& each) {
    const bool gone = each.first.first == table.id && !now.contains(each.first.second);
    if (gone) judge_again(each.second.trigger);
    return gone;
  });
  std::optional<std::map<std::int64_t, Timestamp>> missed;
  for (auto& [id, trigger] : now) {
    const auto [at, is_new] = triggers_.try_emplace({table.id, id});
    Watched& watched = at->second;
    if (!is_new && watched.trigger.trigger == trigger.trigger &&
        watched.trigger.since == trigger.since)
      continue;
    if (is_new) {
      if (!missed) missed = missed_up_to(transaction, table.id);
      const auto kept = missed->find(id);
      watched.missed_kept = kept == missed->end() ? kMinusInfinity : kept->second;
      watched.missed_up_to = watched.missed_kept;
    }
    judge_again(watched.trigger);
    judge_again(trigger);
    watched.trigger = std::move(trigger);
    watched.changes = -1;
  }
}

TriggersOfTable Board::triggers_of(std::int64_t table) const {
  TriggersOfTable found;
  std::map<std::int64_t, std::string> names;
  for (auto at = triggers_.lower_bound({table, INT64_MIN});
       at != triggers_.end() && at->first.first == table; ++at) {
    const KnownTrigger& trigger = at->second.trigger;
    if (trigger.trigger.name) names.emplace(trigger.trigger.id, *trigger.trigger.name);
    if (trigger.trigger.pipeline_uuid)
      found.by_pipeline.emplace(*trigger.trigger.pipeline_uuid, &trigger);
  }
  found.names = std::make_shared<const std::map<std::int64_t, std::string>>(std::move(names));
  return found;
}

void Board::refresh_pipelines(Transaction& transaction, const Tables& tables,
                              const rules::Rules& rules, Timestamp as_of) {
  const SourceRow& table = *tables.runs;
  std::vector<PipelineWanted> due;
  for (auto at = versions_.lower_bound({table.id, ""});
       at != versions_.end() && at->first.first == table.id; ++at) {
    const auto& [key, version] = *at;
    const Pipeline& pipeline = pipelines_[key];
    if (pipeline.changes != version.changes || as_of >= pipeline.next)
      due.push_back({&version, facts_wanted(rules, table.name, key.second, as_of)});
  }
  if (due.empty()) return;
  const TriggersOfTable triggers =
      tables.triggers != nullptr ? triggers_of(tables.triggers->id) : TriggersOfTable{};
  FactReader reader(transaction);
  for (const auto part : parts_of(std::span(due), kReadTogether)) {
    const auto facts = reader.pipelines(table, part, triggers);
    for (std::size_t i = 0; i < part.size(); ++i) {
      const PipelineVersion& version = *part[i].pipeline;
      Judged judged = judge_pipeline(facts[i], rules, as_of);
      pipelines_[{table.id, version.pipeline}] = {version.changes, judged.next,
                                                  std::move(judged.findings)};
    }
  }
}

void Board::judge_triggers(Transaction& transaction, const Tables& tables,
                           const rules::Rules& rules, Timestamp as_of) {
  if (tables.triggers == nullptr) return;
  const std::int64_t table = tables.triggers->id;
  std::vector<Watched*> due;
  for (auto at = triggers_.lower_bound({table, INT64_MIN});
       at != triggers_.end() && at->first.first == table; ++at) {
    Watched& watched = at->second;
    watched.run_table = tables.runs->id;
    const auto version =
        versions_.find({watched.run_table, watched.trigger.trigger.pipeline_uuid.value_or("")});
    const std::int64_t changes = version == versions_.end() ? 0 : version->second.changes;
    if (watched.changes == changes && as_of < watched.next) continue;
    watched.changes = changes;
    due.push_back(&watched);
  }
  FactReader reader(transaction);
  for (const auto part : parts_of(std::span(due), kReadTogether)) {
    std::vector<SlotsWanted> from;
    from.reserve(part.size());
    for (const Watched* each : part)
      from.push_back({each->trigger.trigger.id, slots_begin_of(*each, as_of)});
    const auto runs = reader.slots(tables.runs->id, from);
    for (std::size_t i = 0; i < part.size(); ++i)
      judge(*part[i], runs[i], from[i].from, rules, as_of);
  }
}

/// At first, and after a pause, there is more to see.
Timestamp Board::slots_begin_of(const Watched& watched, Timestamp as_of) {
  const auto& expectation = watched.trigger.expectation;
  const Timestamp begin = slots_begin(expectation, as_of, kSlotsLater);
  return watched.judged < begin ? slots_begin(expectation, as_of, kSlotsAtFirst) : begin;
}

void Board::judge(Watched& watched, const std::vector<SlotRun>& runs, Timestamp begin,
                  const rules::Rules& rules, Timestamp as_of) {
  const KnownTrigger& trigger = watched.trigger;
  watched.judged = as_of;
  auto judged = judge_trigger(trigger, runs, begin, rules, as_of);
  watched.next = judged ? judged->next : kInfinity;
  watched.slots = judged ? std::move(judged->slots) : TriggerSlots{};
  if (!judged) return;
  std::erase_if(judged->missed, [&](Timestamp slot) { return slot <= watched.missed_up_to; });
  if (judged->missed.empty()) return;
  watched.missed_up_to = judged->missed.back();
  missed_.push_back({trigger.source, watched.slots.pipeline, trigger.source_id, trigger.trigger.id,
                     static_cast<std::int64_t>(judged->missed.size()), watched.missed_kept,
                     watched.missed_up_to});
  watched.missed_kept = watched.missed_up_to;
}

/// The first table keeps the keys that it had while it was alone: what is open stays open when
/// another comes.
void Board::tell_apart(Finding& finding, std::int64_t run_table) const {
  const auto at = tables_apart_.find(run_table);
  if (at == tables_apart_.end()) return;
  const auto& [name, is_first] = at->second;
  finding.evidence.emplace_back("table", name);
  if (is_first) return;
  finding.key.instance += '@' + name;
  if (finding.cause) finding.cause->instance += '@' + name;
}

std::vector<Finding> Board::findings(const std::string& source, Timestamp as_of) const {
  std::map<std::int64_t, std::vector<const TriggerSlots*>> slots;  // each Mage has its scheduler
  for (const auto& [key, watched] : triggers_)
    if (watched.slots.source == source) slots[watched.run_table].push_back(&watched.slots);
  std::vector<Finding> found;
  const auto take = [&](Finding finding, std::int64_t run_table) {
    tell_apart(finding, run_table);
    found.push_back(std::move(finding));
  };
  for (const auto& [run_table, triggers] : slots)
    for (Finding& finding : slot_findings(triggers, as_of)) take(std::move(finding), run_table);
  for (const auto& [key, pipeline] : pipelines_)
    for (const Finding& finding : pipeline.findings)
      if (finding.key.source == source) take(finding, key.first);
  return found;
}

}  // namespace walpulse::monitor
