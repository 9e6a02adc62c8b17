#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>
#include <tuple>

#include "monitor/ledger/stores/storage.h"
#include "monitor/ledger/timeline/label_bytes.h"
#include "tests/monitor/backends.h"
#include "tests/monitor/ledger_events.h"

/// What a storage answers about runs that come, change and go, against a look at each of them.
namespace walpulse::monitor::testing {
namespace {

constexpr std::int64_t kSource = 1;
constexpr std::size_t kMany = 100;
using Runs = std::map<std::int64_t, RunState>;

using Random = std::mt19937_64;

std::int64_t below(Random& random, std::int64_t bound) {
  return std::uniform_int_distribution<std::int64_t>(0, bound - 1)(random);
}
bool chance(Random& random) { return below(random, 2) == 0; }

std::optional<End> any_end(Random& random) {
  if (chance(random)) return std::nullopt;
  const auto place = static_cast<std::uint64_t>(below(random, 5));
  return End{place == 0 ? schema::Position{} : schema::Position{kEpoch, Lsn{place}, 0},
             at(static_cast<double>(below(random, 3)))};
}

RunState any_state(Random& random) {
  RunState state;
  state.active = chance(random);
  state.status = chance(random) ? "INITIAL" : "RUNNING";
  state.pipeline = below(random, 3) == 0 ? "b" : "a";
  state.since = at(static_cast<double>(below(random, 4)));
  state.last_event = at(static_cast<double>(below(random, 9)));
  state.success = any_end(random);
  state.failed = any_end(random);
  if (chance(random)) state.schedule = 1 + below(random, 2);
  if (state.schedule && chance(random)) state.slot = at(static_cast<double>(below(random, 4)));
  if (chance(random)) state.labels = encode_labels({{"partner", "acme"}});
  if (!chance(random)) return state;
  state.status = below(random, 2) == 0 ? "FAILED" : "CANCELLED";
  state.finish = RunFinish{at(static_cast<double>(below(random, 4))), std::nullopt};
  if (chance(random)) state.finish->took = std::chrono::microseconds(below(random, 9));
  return state;
}

/// Changes some runs, in one transaction.
void change(Storage& storage, Runs& runs, Random& random) {
  std::set<std::int64_t> ids;
  for (std::int64_t left = 1 + below(random, 3); left > 0; --left) ids.insert(below(random, 7));
  RC_ASSERT(storage.begin(Intent::share).has_value());
  RunStore& store = storage.transaction().runs();
  std::vector<RunKey> keys;
  for (const std::int64_t id : ids) keys.push_back({kSource, id});
  std::vector<StoredRun> saved, removed;
  for (StoredRun& run : store.load(keys)) {
    if (run.known && below(random, 4) == 0) {
      runs.erase(run.key.run);
      removed.push_back(std::move(run));
      continue;
    }
    if (run.run.timeline.empty()) run.run.timeline = {make_end({kEpoch, Lsn{1}, 0}, at(1))};
    const RunState state = any_state(random);
    // Mostly little changes at once.
    RunState& now = runs.try_emplace(run.key.run, state).first->second;
    if (chance(random)) {
      now.failed = state.failed;
      now.status = state.status;
      now.finish = state.finish;
      now.active = state.active;
    } else {
      now = state;
    }
    run.run.state = now;
    saved.push_back(std::move(run));
  }
  store.save(saved);
  store.remove(removed);
  RC_ASSERT(storage.commit().has_value());
}

/// Those of a pipeline that failed behind a position, the newest first.
std::vector<FailedRun> failures(const Runs& runs, const std::string& pipeline,
                                const std::optional<schema::Position>& after) {
  std::vector<FailedRun> found;
  for (const auto& [id, state] : runs)
    if (state.pipeline == pipeline && state.failed && (!after || state.failed->position > *after))
      found.push_back({id, *state.failed, state.labels, state.schedule});
  std::sort(found.begin(), found.end(), [](const FailedRun& a, const FailedRun& b) {
    return std::tie(b.end, b.run) < std::tie(a.end, a.run);
  });
  return found;
}

using Groups = std::map<std::pair<std::string, std::optional<std::int64_t>>, End>;

void compare_pipeline(RunStore& store, const Runs& runs, const std::string& pipeline) {
  std::optional<End> success;
  std::vector<RunKey> active;
  Groups groups, found_groups;
  for (const auto& [id, state] : runs) {
    if (state.pipeline != pipeline) continue;
    success = std::max(success, state.success);
    if (state.active) active.push_back({kSource, id});
    if (!state.success) continue;
    const auto [at, first] = groups.try_emplace({state.labels, state.schedule}, *state.success);
    at->second = std::max(at->second, *state.success);
  }
  RC_ASSERT(store.last_success(kSource, pipeline) == success);
  RC_ASSERT(store.active_of(kSource, pipeline) == active);
  for (const GroupSuccess& group : store.group_successes(kSource, pipeline))
    RC_ASSERT(found_groups.emplace(std::pair(group.labels, group.schedule), group.success).second);
  RC_ASSERT(found_groups == groups);
  for (const std::optional<schema::Position>& after :
       {std::optional<schema::Position>(), std::optional(schema::Position{}),
        std::optional(schema::Position{kEpoch, Lsn{2}, 0})}) {
    const auto expected = failures(runs, pipeline, after);
    const FailedRuns found = store.failed_behind(kSource, pipeline, after);
    RC_ASSERT(found.count == expected.size());
    RC_ASSERT(found.first.has_value() == !expected.empty());
    if (expected.empty()) continue;
    RC_ASSERT(found.first == expected.back());
    RC_ASSERT(found.last == expected.front());
  }
  // Of each group behind its own last success.
  std::map<Groups::key_type, std::vector<FailedRun>> failed;
  for (const FailedRun& run : failures(runs, pipeline, std::nullopt)) {
    const auto success_of_it = groups.find({run.labels, run.schedule});
    if (success_of_it == groups.end() || success_of_it->second < run.end)
      failed[{run.labels, run.schedule}].push_back(run);
  }
  std::size_t found_failed = 0;
  for (const FailedRuns& group : store.group_failures(
           kSource, pipeline,
           [&](const std::string&labels, const std::optional<std::int64_t>&schedule) {
             const auto own = groups.find({labels, schedule});
             return own == groups.end() ? std::nullopt : std::optional(own->second);
           })) {
    const auto& of_it = failed.at({group.first->labels, group.first->schedule});
    RC_ASSERT(group.count == of_it.size());
    RC_ASSERT(group.first == of_it.back());
    RC_ASSERT(group.last == of_it.front());
    ++found_failed;
  }
  RC_ASSERT(found_failed == failed.size());
  for (const PipelineRow& row : store.pipelines()) {
    if (row.pipeline != pipeline) continue;
    std::int64_t failing = 0;
    for (const FailedRun& run :
         failures(runs, pipeline, success ? std::optional(success->position) : std::nullopt))
      failing += runs.at(run.run).active ? 0 : 1;
    RC_ASSERT(row.failures == failing);
    RC_ASSERT(row.success == success);
  }
}

void compare_slots(RunStore& store, const Runs& runs, std::int64_t schedule, Timestamp before) {
  std::vector<SlotRun> expected;
  for (const auto& [id, state] : runs)
    if (state.slot && state.schedule == schedule && *state.slot >= at(1) && *state.slot < before)
      expected.push_back({*state.slot, id, state.success.has_value(), state.failed.has_value()});
  std::sort(expected.begin(), expected.end(), [](const SlotRun& a, const SlotRun& b) {
    return std::tie(b.slot, b.run) < std::tie(a.slot, a.run);
  });
  RC_ASSERT(store.slots(kSource, schedule, at(1), before, kMany) == expected);
}

/// All of them, read in pages of two.
template <class Page>
std::vector<RunEnd> paged(const Page& page) {
  std::vector<RunEnd> found;
  for (EndsBefore before;;) {
    const std::vector<RunEnd> ends = page(before);
    found.insert(found.end(), ends.begin(), ends.end());
    if (ends.empty()) return found;
    before = {ends.back().ended, ends.back().key};
  }
}

void compare_ends(RunStore& store, const Runs& runs) {
  const Timestamp from = at(1);
  std::vector<RunEnd> expected;
  for (const auto& [id, state] : runs) {
    if (!state.finish || state.finish->ended < from) continue;
    std::optional<double> seconds;
    if (state.finish->took) seconds = static_cast<double>(state.finish->took->count()) / 1e6;
    expected.push_back({state.finish->ended,
                        {kSource, id},
                        state.pipeline,
                        state.status,
                        seconds,
                        state.schedule,
                        state.labels});
  }
  std::sort(expected.begin(), expected.end(), [](const RunEnd& a, const RunEnd& b) {
    return std::tie(b.ended, b.key) < std::tie(a.ended, a.key);
  });
  RC_ASSERT(paged([&](const EndsBefore& before) { return store.ends(before, from, 2); }) ==
            expected);
  std::erase_if(expected, [](const RunEnd& end) { return end.pipeline != "a"; });
  RC_ASSERT(paged([&](const EndsBefore& before) {
              return store.ends_of(kSource, "a", before, from, 2);
            }) == expected);
}

void compare_runs_of(RunStore& store) {
  const auto keys_of = [](const std::vector<StoredRun>& found) {
    std::vector<RunKey> keys;
    for (const StoredRun& run : found) {
      RC_ASSERT(run.known);
      keys.push_back(run.key);
    }
    return keys;
  };
  for (const char* pipeline : {"a", "b", "none"})
    for (const std::size_t most : {std::size_t{1}, std::size_t{3}, kMany}) {
      const PipelineRuns runs = store.runs_of(kSource, pipeline, at(2), most);
      std::vector<RunKey> active = store.active_of(kSource, pipeline), ended;
      std::reverse(active.begin(), active.end());
      active.resize(std::min(active.size(), most));
      for (const RunEnd& end : store.ends_of(kSource, pipeline, {}, at(2), most))
        ended.push_back(end.key);
      RC_ASSERT(keys_of(runs.active) == active);
      RC_ASSERT(keys_of(runs.ended) == ended);
    }
}

/// Of many at once: the same as of each.
void compare_many(RunStore& store) {
  const std::vector<std::string> pipelines{"b", "none", "a", "b"};
  const auto standings = store.standings(kSource, pipelines);
  RC_ASSERT(standings.size() == pipelines.size());
  for (std::size_t i = 0; i < pipelines.size(); ++i) {
    const auto success = store.last_success(kSource, pipelines[i]);
    const auto behind = success ? std::optional(success->position) : std::nullopt;
    const FailedRuns failed = store.failed_behind(kSource, pipelines[i], behind);
    RC_ASSERT(standings[i].success == success);
    RC_ASSERT(standings[i].failed.count == failed.count);
    RC_ASSERT(standings[i].failed.first == failed.first);
    RC_ASSERT(standings[i].failed.last == failed.last);
    RC_ASSERT(standings[i].active == store.active_of(kSource, pipelines[i]));
  }
  const std::vector<bool> have_failed = store.have_failed(kSource, pipelines);
  RC_ASSERT(have_failed.size() == pipelines.size());
  for (std::size_t i = 0; i < pipelines.size(); ++i)
    RC_ASSERT(have_failed[i] == (store.failed_behind(kSource, pipelines[i], {}).count > 0));
  const std::vector<EndsWanted> ends_wanted{{"b"}, {"none"}, {"a", {at(4), {kSource, 3}}}, {"a"}};
  for (const std::size_t most : {std::size_t{1}, kMany}) {
    const auto ends = store.ends_of_each(kSource, ends_wanted, at(2), most);
    RC_ASSERT(ends.size() == ends_wanted.size());
    for (std::size_t i = 0; i < ends.size(); ++i)
      RC_ASSERT(ends[i] == store.ends_of(kSource, ends_wanted[i].pipeline, ends_wanted[i].before,
                                         at(2), most));
  }
  const std::vector<SlotsWanted> triggers{
      {3, at(2)}, {1, at(0)}, {9, at(0)}, {1, at(3), at(5)}, {2, at(0), at(0)}};
  for (const std::size_t most : {std::size_t{1}, kMany}) {
    const auto slots = store.slots_of(kSource, triggers, most);
    RC_ASSERT(slots.size() == triggers.size());
    for (std::size_t i = 0; i < triggers.size(); ++i)
      RC_ASSERT(slots[i] == store.slots(kSource, triggers[i].schedule, triggers[i].from,
                                        triggers[i].before, most));
  }
  RC_ASSERT(store.standings(kSource, {}).empty() && store.slots_of(kSource, {}, kMany).empty());
  RC_ASSERT(store.have_failed(kSource, {}).empty());
  RC_ASSERT(store.ends_of_each(kSource, {}, at(0), kMany).empty());
}

void trial(Backend backend, std::uint64_t seed, int changes) {
  Random random(seed);
  StoragePlace place(backend);
  auto storage = place.open(kBirth);
  RC_ASSERT(storage.has_value());
  Runs runs;
  for (; changes > 0; --changes) {
    change(**storage, runs, random);
    RC_ASSERT((*storage)->begin(Intent::read).has_value());
    RunStore& store = (*storage)->transaction().runs();
    for (const char* pipeline : {"a", "b", "none"}) compare_pipeline(store, runs, pipeline);
    for (const std::int64_t schedule : {1, 2, 3}) {
      compare_slots(store, runs, schedule, kInfinity);
      compare_slots(store, runs, schedule, at(4));
    }
    compare_ends(store, runs);
    compare_runs_of(store);
    compare_many(store);
    std::set<std::string> names, found;
    for (const auto& [id, state] : runs) names.insert(state.pipeline);
    for (const PipelineVersion& version : store.versions()) found.insert(version.pipeline);
    RC_ASSERT(found == names);
    RC_ASSERT((*storage)->commit().has_value());
  }
}

RC_GTEST_PROP(RunStores, MemoryAnswersAsALookAtEachRun, (std::uint64_t seed)) {
  trial(Backend::memory, seed, 20);
}

TEST(RunStores, SqliteAnswersAsALookAtEachRun) {
  for (std::uint64_t seed = 0; seed < 3; ++seed) trial(Backend::sqlite, seed, 100);
}

TEST(RunStoresPostgres, AnswerAsALookAtEachRun) { trial(Backend::postgres, 1, 100); }

}  // namespace
}  // namespace walpulse::monitor::testing
