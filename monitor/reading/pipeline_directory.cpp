#include "monitor/reading/pipeline_directory.h"

#include <algorithm>
#include <tuple>

#include "decoder/mage/tables.h"
#include "monitor/ledger/application/known_triggers.h"
#include "monitor/watch/muting.h"

namespace walpulse::monitor::reading {
namespace {

constexpr std::string_view kActive = "ACTIVE";
/// So that a pipeline that was renamed, or an end that came late, is not missed for good.
constexpr std::chrono::minutes kWindowRenewed{10};

std::shared_ptr<const Concerned> concerned_of(const rules::Rules& rules, const std::string& source,
                                              const std::string& pipeline) {
  const auto policy = rules::policy_of(rules, {pipeline, source, std::nullopt, {}});
  return std::make_shared<const Concerned>(
      Concerned{policy.team.value, policy.owner.value, policy.runbook.value, done_by_of(policy)});
}

std::vector<std::string> blind_sources(const std::vector<Problem>& open) {
  std::vector<std::string> blind;
  for (const Problem& problem : open)
    if (problem.finding.key.kind == ProblemKind::blind) blind.push_back(problem.finding.key.source);
  return blind;
}

/// Of the sources that are known up to some time, the furthest behind.
std::optional<Timestamp> oldest_as_of(const std::vector<SourceView>& sources) {
  std::optional<Timestamp> oldest;
  for (const SourceView& source : sources)
    if (source.as_of) oldest = std::min(oldest.value_or(*source.as_of), *source.as_of);
  return oldest;
}

using ProblemsOf = std::map<std::pair<std::string, std::string>, std::vector<OpenProblem>>;

ProblemsOf problems_of(const Directory& directory) {
  ProblemsOf problems;
  for (const Problem& problem : directory.open)
    problems[{problem.finding.key.source, pipeline_of(problem.finding)}].push_back(
        {&problem, muted_by(problem, directory.mutes) != nullptr});
  return problems;
}

}  // namespace

const PipelineEntry* Directory::find(const std::string& source, const std::string& pipeline) const {
  const auto before = [](const PipelineEntry& entry, const auto& key) {
    return std::tie(entry.summary->source, entry.summary->name) < std::tie(key.first, key.second);
  };
  const auto at =
      std::lower_bound(pipelines.begin(), pipelines.end(),
                       std::pair<const std::string&, const std::string&>(source, pipeline), before);
  if (at == pipelines.end() || at->summary->source != source || at->summary->name != pipeline)
    return nullptr;
  return &*at;
}

const SourceView* Directory::source(const std::string& name) const {
  const auto at = std::ranges::find(sources, name, &SourceView::name);
  return at == sources.end() ? nullptr : &*at;
}

const TriggerSummary* Directory::trigger(const std::string& source, std::int64_t id) const {
  const auto at = triggers.find({source, id});
  if (at == triggers.end()) return nullptr;
  return &pipelines[at->second.first].summary->triggers[at->second.second];
}

std::shared_ptr<const PipelineDirectory::Triggers> PipelineDirectory::triggers_of(
    Transaction& in, const Context& context, const SourceRow& table) {
  {
    const std::lock_guard lock(mutex_);
    const auto known = triggers_.find(table.id);
    if (known != triggers_.end() && known->second->changes == table.changes) return known->second;
  }
  auto triggers = std::make_shared<Triggers>();
  triggers->changes = table.changes;
  const SourceRow* runs = runs_beside(context, table);
  for (KnownTrigger& known : read_triggers(in, table)) {
    TriggerSummary summary;
    summary.run_table = runs == nullptr ? 0 : runs->id;
    summary.active = known.trigger.status == kActive;
    summary.trigger = std::make_shared<const KnownTrigger>(std::move(known));
    triggers->by_pipeline.emplace(summary.pipeline(), std::move(summary));
  }
  return triggers;
}

PipelineDirectory::AllWanted PipelineDirectory::wanted(Transaction& in, const Context& context) {
  std::map<std::int64_t, const SourceRow*> tables;
  for (const SourceRow& row : context.sources) tables[row.id] = &row;
  AllWanted wanted;
  for (const PipelineVersion& version : in.runs().versions()) {
    const auto table = tables.find(version.source);
    if (table == tables.end() || version.pipeline.empty()) continue;
    Wanted& known = wanted[{table->second->name, version.pipeline}];
    // A capture that moved to another schema leaves the old table behind.
    if (known.table != 0 && known.last_event >= version.last_event) continue;
    known.table = version.source;
    known.changes = version.changes;
    known.last_event = version.last_event;
  }
  for (const SourceRow& row : context.sources) {
    if (mage::table_of(row.table) != mage::Table::triggers) continue;
    const auto triggers = triggers_of(in, context, row);
    for (const auto& [pipeline, trigger] : triggers->by_pipeline) {
      if (pipeline.empty()) continue;
      Wanted& known = wanted[{row.name, pipeline}];
      known.triggers = triggers;
      known.trigger_changes = row.changes;
    }
  }
  return wanted;
}

bool PipelineDirectory::is_current(const Kept& kept, const Wanted& wanted, Timestamp as_of) {
  return kept.table == wanted.table && kept.changes == wanted.changes &&
         kept.trigger_changes == wanted.trigger_changes && as_of >= kept.as_of && as_of < kept.next;
}

PipelineDirectory::Renewal PipelineDirectory::begin_renewal(const Key& key, const Wanted& wanted,
                                                            const Kept* before, Timestamp as_of,
                                                            Timestamp now) {
  auto kept = before == nullptr ? std::make_shared<Kept>() : std::make_shared<Kept>(*before);
  auto summary = kept->summary ? std::make_shared<PipelineSummary>(*kept->summary)
                               : std::make_shared<PipelineSummary>();
  const bool same_triggers = kept->trigger_changes == wanted.trigger_changes;
  const bool same_runs = kept->table == wanted.table && kept->changes == wanted.changes;
  summary->table = wanted.table;
  summary->source = key.first;
  summary->name = key.second;
  summary->last_event = wanted.last_event;
  if (!same_triggers) {
    summary->triggers.clear();
    if (wanted.triggers) {
      const auto [begin, end] = wanted.triggers->by_pipeline.equal_range(key.second);
      for (auto at = begin; at != end; ++at) summary->triggers.push_back(at->second);
      std::ranges::sort(summary->triggers, {}, [](const TriggerSummary& each) {
        return std::pair(each.name(), each.trigger->trigger.id);
      });
    }
  }
  const bool changed = !same_runs || !same_triggers;
  if (changed && (kept->table != wanted.table || kept->changes > wanted.changes ||
                  kept->renewed == kMinusInfinity || now < kept->renewed ||
                  now - kept->renewed > kWindowRenewed)) {
    kept->window.forget();
    kept->renewed = now;
  }
  kept->as_of = as_of;
  kept->table = wanted.table;
  kept->changes = wanted.changes;
  kept->trigger_changes = wanted.trigger_changes;
  return {std::move(kept), std::move(summary), changed};
}

void PipelineDirectory::read_renewals(Transaction& in, std::span<const Renewal> renewals) {
  std::vector<SummaryWanted> changed;
  for (const Renewal& each : renewals)
    if (each.runs_or_triggers)
      changed.push_back({each.summary.get(), &each.kept->window, each.kept->as_of});
  read_summaries(in, changed);
  for (const Renewal& each : renewals) {
    each.kept->next = pass_time(*each.summary, each.kept->window, each.kept->as_of);
    each.kept->summary = each.summary;
  }
}

std::shared_ptr<const Directory> PipelineDirectory::look(Transaction& in, const Context& context,
                                                         const rules::RuleBook::InForce& rules,
                                                         Timestamp now, Clock::duration age_max) {
  const AllWanted all = wanted(in, context);
  const auto begin = Clock::now();
  bool exact = true;
  {
    const std::lock_guard lock(mutex_);
    exact = age_max <= Clock::duration::zero() || !exact_ || begin - *exact_ > age_max;
  }
  AllKept kept;
  auto directory = read(all, exact, kept, in, context, rules, now);
  if (!directory) return nullptr;
  for (const auto& [key, each] : all) ++directory->pipeline_counts[key.first];
  const std::lock_guard lock(mutex_);
  if (exact) {
    kept_ = std::move(kept);
    exact_ = begin;
  } else {  // what an exact look has read meanwhile is newer
    kept_.merge(kept);
  }
  keep_triggers(all);
  return directory;
}

std::shared_ptr<const Directory> PipelineDirectory::look_at(const std::set<Key>& pipelines,
                                                            Transaction& in, const Context& context,
                                                            const rules::RuleBook::InForce& rules,
                                                            Timestamp now) {
  const AllWanted all = wanted(in, context);
  AllWanted asked;
  for (const Key& key : pipelines)
    if (const auto known = all.find(key); known != all.end()) asked.insert(*known);
  AllKept kept;
  auto directory = read(asked, true, kept, in, context, rules, now);
  if (!directory) return nullptr;
  for (const auto& [key, each] : all) ++directory->pipeline_counts[key.first];
  const std::lock_guard lock(mutex_);
  for (auto& [key, each] : kept) {
    auto& newest = kept_[key];
    if (!newest || (newest->as_of <= each->as_of && newest->changes <= each->changes))
      newest = std::move(each);
  }
  keep_triggers(all);
  return directory;
}

/// `kept` is what is known of these then. Null where a read failed.
std::shared_ptr<Directory> PipelineDirectory::read(const AllWanted& wanted, bool exact,
                                                   AllKept& kept, Transaction& in,
                                                   const Context& context,
                                                   const rules::RuleBook::InForce& rules,
                                                   Timestamp now) {
  auto directory = std::make_shared<Directory>();
  directory->birth = context.birth;
  directory->open = in.problems().open();
  directory->mutes = in.mutes().in_force(now);
  directory->sources = read_sources(in, context, blind_sources(directory->open), now);
  directory->as_of = oldest_as_of(directory->sources);
  AllKept before;
  {
    const std::lock_guard lock(mutex_);
    before = kept_;
  }
  std::vector<Renewal> renewals;
  for (const auto& [key, each] : wanted) {
    const SourceView* source = directory->source(key.first);
    // Where nothing says up to when all is here, this machine's clock must do.
    const Timestamp as_of = source != nullptr && source->as_of ? *source->as_of : now;
    const auto known = before.find(key);
    std::shared_ptr<const Kept> one = known == before.end() ? nullptr : known->second;
    if (!one || (exact && !is_current(*one, each, as_of))) {
      renewals.push_back(begin_renewal(key, each, one.get(), as_of, now));
      one = renewals.back().kept;
    }
    kept.emplace_hint(kept.end(), key, std::move(one));
  }
  read_renewals(in, renewals);
  for (auto& [key, one] : kept) {
    if (one->concerned && one->rules_hash == rules.hash) continue;
    auto judged = std::make_shared<Kept>(*one);
    judged->concerned = concerned_of(*rules.rules, key.first, key.second);
    judged->rules_hash = rules.hash;
    one = std::move(judged);
  }
  // After its first error a transaction gives nothing, and says so at its end alone.
  if (!renewals.empty() && in.context().birth != context.birth) return nullptr;

  const ProblemsOf problems = problems_of(*directory);
  static const std::vector<OpenProblem> kNone;
  directory->pipelines.reserve(kept.size());
  for (const auto& [key, each] : kept) {
    const auto found = problems.find(key);
    const SourceView* source = directory->source(key.first);
    directory->pipelines.push_back(
        {each->summary, each->concerned,
         state_of(*each->summary, found == problems.end() ? kNone : found->second,
                  source != nullptr && source->as_of ? *source->as_of : now)});
    const auto& triggers = each->summary->triggers;
    for (std::size_t i = 0; i < triggers.size(); ++i)
      directory->triggers.emplace(std::pair(key.first, triggers[i].trigger->trigger.id),
                                  std::pair(directory->pipelines.size() - 1, i));
  }
  return directory;
}

/// Precondition: the caller has the mutex.
void PipelineDirectory::keep_triggers(const AllWanted& wanted) {
  for (const auto& [key, each] : wanted) {
    if (!each.triggers) continue;
    const auto at = each.triggers->by_pipeline.find(key.second);
    if (at != each.triggers->by_pipeline.end())
      triggers_[at->second.trigger->source_id] = each.triggers;
  }
}

}  // namespace walpulse::monitor::reading
