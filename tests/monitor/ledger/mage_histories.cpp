#include "tests/monitor/ledger/mage_histories.h"

#include <algorithm>
#include <cmath>
#include <set>

namespace walpulse::monitor::testing {
namespace {

using std::chrono_literals::operator""s;
using schema::Operation;

bool ends(const std::string& status) {
  return status == "COMPLETED" || status == "FAILED" || status == "CANCELLED";
}

double seconds(Timestamp instant) { return static_cast<double>((instant - kBirth).count()) / 1e6; }

/// The row before, as far as a trigger would know it.
struct Before {
  std::string labels;
  std::optional<double> birth;
  double made = 0;
  bool inserted = false;
  std::optional<std::string> status;
  bool sla = false, queued = false, has_run = false, pure = false;
  bool ended = false;                ///< It has ended once, ...
  std::optional<double> ended_with;  ///< ... with this started_at.
  std::optional<double> resumed;
  std::string now_status, now_pipeline;
};

std::string labels_of(const Change& change) {
  return *change.pipeline + (change.labels.empty() ? "" : "+" + change.labels.front().value);
}

std::optional<double> seconds(const std::optional<Timestamp>& instant) {
  return instant ? std::optional(seconds(*instant)) : std::nullopt;
}

class Audit {
 public:
  void see(const Change& e);
  Truth truth() const;

 private:
  void start_from(const Change& e);
  void step(const Change& e, Before& row);
  void count(const std::string& what) { ++counts_[what]; }
  void value(const std::string& what, double seconds) {
    ++values_[what];
    values_["sum of " + what] += seconds;
  }

  std::map<std::int64_t, Before> rows_;
  Figures counts_, values_;
};

void Audit::see(const Change& e) {
  if (e.op == Operation::truncate) return rows_.clear();
  if (e.op == Operation::remove) {
    rows_.erase(e.id);
    return;
  }
  const auto known = rows_.find(e.id);
  if (e.op == Operation::read && known != rows_.end() && !known->second.pure) return;
  const bool moved = e.previous.has_value();
  if (e.op == Operation::read || moved || (e.op == Operation::update && known == rows_.end()))
    return start_from(e);
  if (e.op == Operation::insert) {
    Before row;
    row.labels = labels_of(e);
    row.birth = row.made = e.when;
    row.inserted = true;
    rows_[e.id] = row;
  }
  step(e, rows_.at(e.id));
}

void Audit::start_from(const Change& e) {
  const bool known = rows_.contains(e.id) && !e.previous;
  Before row;
  if (known) {
    row = rows_.at(e.id);
  } else {
    row.labels = labels_of(e);
    row.birth = seconds(e.created);
    row.made = e.when;
  }
  row.status = e.status;
  row.sla = e.sla;
  row.queued = row.has_run = e.started.has_value();
  row.ended = ends(*e.status);
  row.ended_with = seconds(e.started);
  row.resumed.reset();
  row.pure = e.op == Operation::read;
  row.now_status = *e.status;
  row.now_pipeline = *e.pipeline;
  rows_[e.id] = row;
}

void Audit::step(const Change& e, Before& row) {
  const std::optional<std::string> was = row.status;
  const std::string& status = *e.status;
  const bool had_ended = was && ends(*was);
  row.pure = false;
  row.now_status = status;
  row.now_pipeline = *e.pipeline;
  if (e.op == Operation::insert) count("created " + row.labels);
  if (was != "RUNNING" && status == "RUNNING") count("started " + row.labels);
  if (e.sla && !row.sla) count("sla_missed " + row.labels.substr(0, 1));
  if (had_ended && !ends(status)) {
    count("retried " + row.labels.substr(0, 1));
    row.resumed.reset();
  }
  if (status == "RUNNING" && !row.resumed) row.resumed = e.when;
  const auto started = seconds(e.started);
  if (status == "RUNNING" && started && !row.queued) {
    row.queued = true;
    if (row.birth) value("queue_time", std::max(0.0, *started - *row.birth));
  }
  row.has_run = row.has_run || started;
  if (ends(status) && was != status) {
    count("finished " + status + ' ' + row.labels);
    if (status == "FAILED")  // no blocks are known
      ++values_[(was == "INITIAL" ? "failed initialisation " : "failed unknown ") + row.labels];
    if (status == "CANCELLED" && !row.has_run) {
      // As the log says it, in whole microseconds: 3.01 - 2.01 is no whole second.
      const bool scheduler = row.inserted && std::chrono::abs(at(e.when) - at(row.made)) <= 1s;
      ++values_[std::string("skipped by ") + (scheduler ? "scheduler " : "person ") +
                row.labels.substr(0, 1)];
    }
    const auto begin = row.ended && row.ended_with == started ? row.resumed : started;
    const auto completed = seconds(e.completed);
    const bool fresh = completed && std::chrono::abs(at(*completed) - at(e.when)) <= 60s;
    if (begin)
      value("duration " + status + ' ' + row.labels.substr(0, 1),
            std::max(0.0, (fresh ? *completed : e.when) - *begin));
    row.ended = true;
    row.ended_with = started;
  }
  row.status = status;
  row.sla = row.sla || e.sla;
}

Truth Audit::truth() const {
  Truth truth{counts_, values_, {}};
  for (const auto& [id, row] : rows_) {
    if (ends(row.now_status)) continue;
    ++truth.gauges["active " + row.now_status + ' ' + row.now_pipeline];
    const double birth = row.birth.value_or(row.made);
    const auto [at, first] = truth.gauges.try_emplace("oldest " + row.now_pipeline, birth);
    at->second = std::min(at->second, birth);
  }
  return truth;
}

}  // namespace

Truth truth_of(const std::vector<Published>& log) {
  Audit audit;
  for (const Published& each : log) audit.see(each.change);
  return audit.truth();
}

MageHistory::MageHistory(Random& random, bool reuse)
    : random_(random), reuse_(reuse), big_(std::bernoulli_distribution(.5)(random)) {
  for (int deeds = std::uniform_int_distribution(3, 40)(random_); deeds > 0; --deeds) act();
}

bool MageHistory::chance(double probability) {
  return std::bernoulli_distribution(probability)(random_);
}

template <class T>
T MageHistory::one_of(std::initializer_list<T> values) {
  return *(values.begin() + std::uniform_int_distribution<std::ptrdiff_t>(
                                0, static_cast<std::ptrdiff_t>(values.size()) - 1)(random_));
}

std::int64_t MageHistory::any_run() {
  const auto place = std::uniform_int_distribution<std::size_t>(0, rows_.size() - 1)(random_);
  return std::next(rows_.begin(), static_cast<std::ptrdiff_t>(place))->first;
}

void MageHistory::begin() {
  ++lsn_;
  ordinal_ = 0;
}

void MageHistory::put(Operation op, std::int64_t run, const Row* row,
                      std::optional<std::int64_t> previous) {
  Change change;
  change.op = op;
  change.when = now();
  change.lsn = lsn_;
  change.ordinal = ordinal_++;
  change.id = run;
  change.previous = previous;
  if (row != nullptr) {
    const auto instant = [](const std::optional<double>& seconds) {
      return seconds ? std::optional(at(*seconds)) : std::nullopt;
    };
    change.status = row->status;
    change.created = instant(row->created);
    change.started = instant(row->started);
    change.completed = instant(row->completed);
    change.sla = row->sla;
    change.pipeline = row->pipeline;
    const bool says = op == Operation::read || (op == Operation::insert && !previous) || !big_;
    if (row->partner && says) change.labels = {{"partner", "acme"}};
  }
  log.push_back({time_, log.size(), std::move(change)});
}

/// Two events of one ordinal.
void MageHistory::move_key(std::int64_t from, std::int64_t to, const Row& row) {
  put(Operation::remove, from, nullptr);
  --ordinal_;
  put(Operation::insert, to, &row, from);
}

void MageHistory::insert(std::optional<std::int64_t> run) {
  const std::int64_t id = run ? *run : next_++;
  // Its transaction began long before.
  const double early = one_of({0., 0., .2, 59., 989., 90000.});
  Row& row = rows_[id];
  row = {"INITIAL", {}, {}, now() - early, false, one_of<std::string>({"p", "q"}), chance(.7)};
  put(Operation::insert, id, &row);
}

void MageHistory::act() {
  const double deed = std::uniform_real_distribution(0., 1.)(random_);
  time_ += one_of({.01, 1., 5., 60., 400.});
  if (chance(.05)) skew_ = one_of({0., 3600., -3600.});
  begin();
  if (rows_.empty() || deed < .15) return insert(std::nullopt);
  const std::int64_t run = any_run();
  if (deed < .80) return work(run, rows_.at(run));
  if (deed < .84) {  // a rename rewrites every run
    for (auto& [id, row] : rows_) {
      row.pipeline = one_of<std::string>({"p", "q", "s"});
      put(Operation::update, id, &row);
    }
    return;
  }
  if (deed < .87) {
    change_created();
    return put(Operation::update, run, &rows_.at(run));
  }
  if (deed < .91) return reuse_id(run, deed);
  if (deed < .95) return change_key(run);
  if (deed < .96) return truncate_table();
  take_snapshot();
}

void MageHistory::work(std::int64_t run, Row& row) {
  if (row.status == "INITIAL") {
    row.status = one_of<std::string>({"RUNNING", "RUNNING", "RUNNING", "CANCELLED"});
    if (row.status == "RUNNING" && chance(.9)) row.started = now() - one_of({0., .05});
  } else if (row.status == "RUNNING") {
    row.status = one_of<std::string>({"RUNNING", "COMPLETED", "FAILED", "FAILED", "CANCELLED"});
    if (row.status == "COMPLETED") row.completed = now();
    row.sla = row.sla || chance(.1);
  } else if (chance(.5)) {  // retried, or written twice
    row.status = one_of<std::string>({"RUNNING", "INITIAL", row.status});
  }
  if (chance(.05)) row.started.reset();  // by hand
  put(Operation::update, run, &row);
}

/// ALTER COLUMN created_at, or by hand.
void MageHistory::change_created() {
  for (auto& [id, row] : rows_) {
    const double less = one_of({.25, 10800.});
    if (reuse_ || chance(.7)) {
      if (row.created) *row.created -= less;
    } else {
      row.created.reset();
    }
  }
}

void MageHistory::reuse_id(std::int64_t run, double deed) {
  rows_.erase(run);
  put(Operation::remove, run, nullptr);
  if (reuse_ && deed < .88) insert(run);  // in the same transaction
  if (reuse_ && deed > .9) {
    begin();
    insert(std::nullopt);
  }
}

void MageHistory::change_key(std::int64_t run) {
  std::vector<std::int64_t> others;
  for (const auto& [id, row] : rows_)
    if (id != run) others.push_back(id);
  if (reuse_ && !others.empty() && chance(.3)) {  // two are swapped through a third
    const std::int64_t other =
        others[std::uniform_int_distribution<std::size_t>(0, others.size() - 1)(random_)];
    std::swap(rows_.at(run), rows_.at(other));
    move_key(run, -run, rows_.at(other));
    move_key(other, run, rows_.at(run));
    return move_key(-run, other, rows_.at(other));
  }
  const std::int64_t to = ++next_ + 1000;
  auto row = rows_.extract(run);
  row.key() = to;
  rows_.insert(std::move(row));
  move_key(run, to, rows_.at(to));
}

void MageHistory::truncate_table() {
  put(Operation::truncate, 0, nullptr);
  rows_.clear();
  if (reuse_) next_ = 1;
}

/// Its rows, and deletes of what it did not find.
void MageHistory::take_snapshot() {
  std::set<std::int64_t> gone;
  if (chance(.5))
    for (const Published& each : log)
      if (each.change.id != 0 && !rows_.contains(each.change.id)) gone.insert(each.change.id);
  for (const auto& [id, row] : rows_) put(Operation::read, id, &row);
  ordinal_ = 0;
  for (const std::int64_t id : gone) put(Operation::remove, id, nullptr);
}

}  // namespace walpulse::monitor::testing
