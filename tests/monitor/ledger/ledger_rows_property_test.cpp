#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>
#include <string>
#include <utility>

#include "monitor/storage/memory/memory_storage.h"
#include "tests/monitor/backends.h"
#include "tests/monitor/clocked_ledger.h"
#include "tests/monitor/table_events.h"

namespace walpulse::monitor::testing {
namespace {

bool one_in(int many) { return *rc::gen::resize(1000, rc::gen::inRange(0, many)) == 0; }

/// Runs, their blocks and some triggers as Mage may write them, with the rows at hand: what they
/// come to is told as it happens.
class RandomMage {
 public:
  RandomMage() {
    for (int steps = *rc::gen::inRange(1, 60); steps > 0; --steps) step();
  }

  std::vector<ReceivedMessage> log;
  std::map<std::string, std::int64_t> causes;
  std::map<std::string, std::int64_t> block_ends;  ///< "load COMPLETED", of runs that had ended.
  std::map<std::int64_t, std::string> triggers;

  std::set<std::string> blocks_of(std::int64_t run) const {
    std::set<std::string> found;
    for (const auto& [id, block] : blocks_)
      if (block.row.run == run) found.insert(std::to_string(id) + ' ' + block.status);
    return found;
  }

 private:
  struct Known {
    Block row;
    std::string status;
    double failed_since = 0;
    bool without_error = false;
  };

  double tick() { return now_ += *rc::gen::inRange(1, 20); }

  void step() {
    if (one_in(8)) return trigger();
    const std::int64_t id = *rc::gen::inRange<std::int64_t>(1, 4);
    const auto found = runs_.find(id);
    if (found == runs_.end()) {
      const double when = tick();
      statuses_[id] = "INITIAL";
      log.push_back(runs_.emplace(id, MageRun(id, when)).first->second.create(when));
      return;
    }
    if (*rc::gen::inRange(0, 3) > 0) return block(id);
    MageRun& run = found->second;
    const double when = tick();
    switch (*rc::gen::inRange(0, 4)) {
      case 0:
        if (statuses_[id] != "COMPLETED") end(id);
        statuses_[id] = "COMPLETED";
        return log.push_back(run.complete(when));
      case 1:
        statuses_[id] = "RUNNING";
        return log.push_back(run.run(when));
      default:
        if (statuses_[id] != "FAILED") {
          ++causes[cause(id)];
          end(id);
        }
        statuses_[id] = "FAILED";
        return log.push_back(run.fail(when));
    }
  }

  void end(std::int64_t run) {
    for (const std::string& each : ended_[run]) ++block_ends[each];
    ended_[run].clear();
  }

  void block(std::int64_t run) {
    const std::int64_t id = 10 * run + *rc::gen::inRange<std::int64_t>(0, 3);
    const double when = tick();
    const Block row{id, run, "block" + std::to_string(id) + (id % 2 == 0 ? ":a" : "")};
    seen_.insert(run);
    if (blocks_.contains(id) && one_in(10)) {
      blocks_.erase(id);
      return log.push_back(row.remove(when));
    }
    const std::string status =
        *rc::gen::element<std::string>("INITIAL", "QUEUED", "RUNNING", "COMPLETED", "FAILED",
                                       "CANCELLED", "UPSTREAM_FAILED", "CONDITION_FAILED");
    const auto error = *rc::gen::element<std::optional<std::string>>(std::nullopt, "", "no column");
    const bool is_new = !blocks_.contains(id);
    Known& known = blocks_[id];
    if (status == "FAILED" && known.status != "FAILED") {
      known.failed_since = when;
      known.without_error = error == "";
    }
    static const std::set<std::string> kEnds{"COMPLETED", "FAILED", "UPSTREAM_FAILED",
                                             "CONDITION_FAILED"};
    if (status != known.status && kEnds.contains(status))
      ended_[run].push_back("block" + std::to_string(id) + ' ' + status);
    known.row = row;
    known.status = status;
    log.push_back(row.put(is_new ? schema::Operation::insert : schema::Operation::update, when,
                          status, status == "FAILED" ? error : std::nullopt));
  }

  void trigger() {
    const Trigger row{*rc::gen::inRange<std::int64_t>(1, 4)};
    const double when = tick();
    if (one_in(8)) {
      triggers.clear();
      return log.push_back(truncate("pipeline_schedule", when));
    }
    if (triggers.contains(row.id) && one_in(3)) {
      triggers.erase(row.id);
      return log.push_back(row.remove(when));
    }
    const std::string status = one_in(2) ? "ACTIVE" : "INACTIVE";
    const auto op =
        triggers.contains(row.id) ? schema::Operation::update : schema::Operation::insert;
    triggers[row.id] = status;
    log.push_back(row.put(op, when, status));
  }

  std::string cause(std::int64_t run) {
    const Known* first = nullptr;
    for (const auto& [id, known] : blocks_) {
      if (known.row.run != run || known.status != "FAILED") continue;
      if (first == nullptr || known.failed_since < first->failed_since) first = &known;
    }
    if (first != nullptr) return first->without_error ? "block_timeout" : "block";
    if (statuses_[run] == "INITIAL") return "initialisation";
    return statuses_[run] == "RUNNING" && seen_.contains(run) ? "run_timeout" : "unknown";
  }

  double now_ = 0;
  std::map<std::int64_t, MageRun> runs_;
  std::map<std::int64_t, std::string> statuses_;
  std::map<std::int64_t, Known> blocks_;
  std::set<std::int64_t> seen_;
  std::map<std::int64_t, std::vector<std::string>> ended_;  ///< Since their run's last end.
};

std::map<std::string, std::int64_t> causes_in(Ledger& ledger) {
  std::map<std::string, std::int64_t> found;
  const auto snapshot = ledger.snapshot(at(50'000));
  RC_ASSERT(snapshot.has_value());
  for (const telemetry::Metric& metric : snapshot->metrics)
    if (metric.descriptor->name == "pipeline_run/failed_count")
      for (const telemetry::Point& point : metric.points)
        found[point.labels.at("cause")] += std::get<std::int64_t>(point.value);
  return found;
}

std::map<std::string, std::int64_t> block_ends_in(Ledger& ledger) {
  std::map<std::string, std::int64_t> found;
  const auto snapshot = ledger.snapshot(at(50'000));
  RC_ASSERT(snapshot.has_value());
  for (const telemetry::Metric& metric : snapshot->metrics)
    if (metric.descriptor->name == "block_run/ended_count")
      for (const telemetry::Point& point : metric.points)
        found[point.labels.at("block") + ' ' + point.labels.at("status")] +=
            std::get<std::int64_t>(point.value);
  return found;
}

/// As `replay` publishes it.
ReceivedMessage replayed(ReceivedMessage message) {
  message.message_id += "/replay";
  message.attributes.set("replay", "true");
  message.read.reset();
  read_message(message);
  return message;
}

std::vector<ReceivedMessage> any_delivery(const RandomMage& mage) {
  std::vector<ReceivedMessage> delivery = mage.log;
  for (auto more = *rc::gen::inRange<std::size_t>(0, mage.log.size() + 1); more > 0; --more) {
    const ReceivedMessage again = *rc::gen::elementOf(mage.log);
    delivery.push_back(one_in(2) ? replayed(again) : again);
  }
  std::shuffle(delivery.begin(), delivery.end(),
               std::mt19937(*rc::gen::arbitrary<std::uint32_t>()));
  return delivery;
}

void deliver(ClockedLedger& ledger, const std::vector<ReceivedMessage>& delivery) {
  for (std::size_t begin = 0; begin < delivery.size();) {
    const std::size_t size =
        std::min(*rc::gen::inRange<std::size_t>(1, 20), delivery.size() - begin);
    RC_ASSERT(ledger->apply(std::span(delivery).subspan(begin, size), at(50'000)).has_value());
    begin += size;
  }
}

/// On a storage: the ends of blocks, whatever order they come in, twice or again.
void block_ends_are_exact(Backend backend) {
  const RandomMage mage;
  StoragePlace place(backend);
  auto storage = place.open(kBirth);
  RC_ASSERT(storage.has_value());
  ClockedLedger ledger(*std::move(storage));
  deliver(ledger, any_delivery(mage));
  RC_ASSERT(block_ends_in(*ledger).empty());
  ledger.move_to(1000);
  ledger.settle();
  RC_ASSERT(block_ends_in(*ledger) == mage.block_ends);
  deliver(ledger, any_delivery(mage));
  ledger.move_to(2000);
  ledger.settle();
  RC_ASSERT(block_ends_in(*ledger) == mage.block_ends);
}

RC_GTEST_PROP(LedgerRowsProperty, BlocksEndExactlyInMemory, ()) {
  block_ends_are_exact(Backend::memory);
}
// Each case opens a ledger of its own, which takes time there.
RC_GTEST_PROP(LedgerRowsProperty, BlocksEndExactlyInSqlite, ()) {
  if (one_in(10)) block_ends_are_exact(Backend::sqlite);
}
RC_GTEST_PROP(LedgerRowsProperty, BlocksEndExactlyInPostgres, ()) {
  if (one_in(10)) block_ends_are_exact(Backend::postgres);
}

RC_GTEST_PROP(LedgerRowsProperty, AnyDeliveryOfMagesTablesComesToWhatTheyHold, ()) {
  const RandomMage mage;
  ClockedLedger ledger(make_memory_storage(kBirth));
  deliver(ledger, any_delivery(mage));
  RC_ASSERT(causes_in(*ledger).empty());
  ledger.move_to(1000);
  ledger.settle();
  RC_ASSERT(causes_in(*ledger) == mage.causes);
  std::map<std::int64_t, std::string> triggers;
  const auto known = ledger->triggers();
  RC_ASSERT(known.has_value());
  for (const KnownTrigger& each : *known) triggers[each.trigger.id] = *each.trigger.status;
  RC_ASSERT(triggers == mage.triggers);
  for (std::int64_t run = 1; run < 4; ++run) {
    std::set<std::string> blocks;
    const auto shown = ledger->blocks("mage", run);
    RC_ASSERT(shown.has_value());
    for (const KnownBlock& each : *shown)
      blocks.insert(std::to_string(each.block.id) + ' ' + *each.block.status);
    RC_ASSERT(blocks == mage.blocks_of(run));
  }
  // All of it once more moves nothing.
  RC_ASSERT(ledger->apply(mage.log, at(50'000)).has_value());
  ledger.move_to(2000);
  ledger.settle();
  RC_ASSERT(causes_in(*ledger) == mage.causes);
}

}  // namespace
}  // namespace walpulse::monitor::testing
