#include "monitor/storage/memory_storage.h"

#include <algorithm>
#include <functional>
#include <map>
#include <tuple>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "monitor/ledger/pipeline_board.h"
#include "monitor/storage/run_codec.h"

namespace walpulse::monitor {
namespace {

struct HashRunKey {
  std::size_t operator()(const RunKey& key) const {
    return std::hash<std::int64_t>()(key.run * 31 + key.source);
  }
};

/// Writes wait in a list until commit(), so that a rollback has nothing to undo.
class MemoryStorage final : public Storage {
 public:
  explicit MemoryStorage(Timestamp birth) {
    context_.birth = birth;
    context_.last_end = birth;
  }

  Result<void> begin() override {
    writes_.clear();
    return {};
  }
  Result<void> commit() override {
    for (const auto& write : writes_) write();
    writes_.clear();
    return {};
  }
  void rollback() override { writes_.clear(); }

  Context context() override { return context_; }
  void save_source(SourceRow& source) override {
    if (source.id == 0) source.id = ++last_id_;
    later([this, source] {
      SourceRow& row =
          row_of(context_.sources, [&](const SourceRow& r) { return r.id == source.id; });
      Timeline ends = std::move(row.ends);
      row = source;
      row.ends = std::move(ends);
    });
  }
  void add_end(std::int64_t source, const Entry& end) override {
    later([this, source, end] {
      insert(row_of(context_.sources, [&](const SourceRow& r) { return r.id == source; }).ends,
             end);
    });
  }
  void save_epoch(const EpochRow& epoch) override {
    later([this, epoch] {
      row_of(context_.epochs, [&](const EpochRow& row) {
        return row.name == epoch.name && row.epoch == epoch.epoch;
      }) = epoch;
    });
  }
  void save_last_end(Timestamp end) override {
    later([this, end] { context_.last_end = end; });
  }

  std::vector<StoredRun> load_runs(std::span<const RunKey> keys) override {
    std::vector<StoredRun> found(keys.size());
    for (std::size_t i = 0; i < keys.size(); ++i) {
      found[i].key = keys[i];
      const auto at = runs_.find(keys[i]);
      if (at == runs_.end()) continue;
      found[i].known = true;
      found[i].run = *decode_run(at->second);
      found[i].before = found[i].run.state;
    }
    return found;
  }
  void save_runs(std::span<const StoredRun> runs) override;
  std::vector<RunKey> active_runs(std::int64_t source) override {
    const auto begin = active_.lower_bound({source, INT64_MIN});
    return {begin, active_.upper_bound({source, INT64_MAX})};
  }
  std::vector<RunKey> waiting_runs(Timestamp before, std::size_t count_max) override {
    std::vector<RunKey> found;
    for (const auto& [since, key] : waiting_) {
      if (since >= before || found.size() == count_max) break;
      found.push_back(key);
    }
    return found;
  }
  std::vector<PipelineRow> pipelines() override;

  std::vector<Series> load_series(std::span<const SeriesKey> keys) override {
    std::vector<Series> found(keys.size());
    for (std::size_t i = 0; i < keys.size(); ++i) {
      const auto at = series_ids_.find(keys[i]);
      if (at != series_ids_.end()) found[i] = series_.at(at->second);
      found[i].key = keys[i];
    }
    return found;
  }
  std::vector<Series> all_series() override {
    std::vector<Series> found;
    for (const auto& [id, series] : series_) found.push_back(series);
    return found;
  }
  void save_series(std::span<Series> series) override {
    for (Series& each : series) {
      if (each.id == 0) each.id = ++last_id_;
      later([this, each] {
        series_ids_[each.key] = each.id;
        Series& row = series_[each.id];
        const auto exported = std::pair(row.exported_version, row.exported_at);
        row = each;
        std::tie(row.exported_version, row.exported_at) = exported;
      });
    }
  }
  void mark_exported(std::span<const ExportMark> marks) override {
    for (const ExportMark& mark : marks) {
      later([this, mark] {
        const auto at = series_.find(mark.series);
        if (at == series_.end()) return;
        at->second.exported_version = mark.version;
        at->second.exported_at = mark.at;
      });
    }
  }
  void remove_series(std::span<const std::int64_t> ids) override {
    for (const std::int64_t id : ids) {
      later([this, id] {
        const auto at = series_.find(id);
        if (at == series_.end()) return;
        series_ids_.erase(at->second.key);
        series_.erase(at);
      });
    }
  }

  std::set<std::string> label_values(const std::string& label) override {
    const auto at = label_values_.find(label);
    return at == label_values_.end() ? std::set<std::string>() : at->second;
  }
  void add_label_value(const std::string& label, const std::string& value) override {
    later([this, label, value] { label_values_[label].insert(value); });
  }

  std::vector<ConnectorRow> connectors() override { return connectors_; }
  void save_connector(const ConnectorRow& connector) override {
    later([this, connector] {
      row_of(connectors_, [&](const ConnectorRow& row) {
        return row.name == connector.name && row.instance == connector.instance &&
               row.started_at == connector.started_at;
      }) = connector;
    });
  }
  void remove_connectors(Timestamp sent_before) override {
    later([this, sent_before] {
      std::erase_if(connectors_, [&](const auto& row) { return row.sent_at < sent_before; });
    });
  }

  void add_rejected(const Rejected& message) override {
    later([this, message] {
      const std::string& id = message.message_id;
      if (id.empty() || rejected_ids_.insert(id).second) rejected_.push_back(message);
    });
  }
  std::vector<Rejected> rejected(std::size_t count_max) override {
    const auto count = std::min(count_max, rejected_.size());
    return {rejected_.begin(), rejected_.begin() + static_cast<std::ptrdiff_t>(count)};
  }
  void touch() override {}

 private:
  void later(std::function<void()> write) { writes_.push_back(std::move(write)); }

  /// The row that matches, a new one where none does.
  template <class Row, class Matches>
  static Row& row_of(std::vector<Row>& rows, const Matches& matches) {
    const auto at = std::find_if(rows.begin(), rows.end(), matches);
    return at == rows.end() ? rows.emplace_back() : *at;
  }

  std::vector<std::function<void()>> writes_;
  std::int64_t last_id_ = 0;
  Context context_;
  std::unordered_map<RunKey, std::string, HashRunKey> runs_;
  std::set<RunKey> active_;
  std::set<std::pair<Timestamp, RunKey>> waiting_;
  PipelineBoard board_;
  std::map<std::int64_t, Series> series_;
  std::map<SeriesKey, std::int64_t> series_ids_;
  std::map<std::string, std::set<std::string>> label_values_;
  std::vector<ConnectorRow> connectors_;
  std::vector<Rejected> rejected_;
  std::unordered_set<std::string> rejected_ids_;
};

void MemoryStorage::save_runs(std::span<const StoredRun> runs) {
  for (const StoredRun& stored : runs) {
    later([this, key = stored.key, known = stored.known, before = stored.before,
           now = stored.run.state, bytes = encode_run(stored.run)]() mutable {
      if (before.waiting_since) waiting_.erase({*before.waiting_since, key});
      if (now.waiting_since) waiting_.insert({*now.waiting_since, key});
      if (now.active) {
        active_.insert(key);
      } else {
        active_.erase(key);
      }
      if (known) {
        board_.replace(key.source, before, now);
      } else {
        board_.add(key.source, now);
      }
      runs_[key] = std::move(bytes);
    });
  }
}

std::vector<PipelineRow> MemoryStorage::pipelines() {
  if (board_.stale()) {
    board_.clear();
    for (const auto& [key, bytes] : runs_) board_.add(key.source, decode_run(bytes)->state);
  }
  std::vector<PipelineRow> rows;
  std::map<PipelineBoard::Key, std::size_t> places;
  for (const auto& [key, totals] : board_.pipelines()) {
    places[key] = rows.size();
    rows.push_back({key.first,
                    key.second,
                    totals.last_event,
                    totals.success,
                    static_cast<std::int64_t>(totals.failed.size()),
                    {}});
  }
  for (const RunKey& key : active_) {
    const RunState state = decode_run(runs_.at(key))->state;
    auto& active = rows[places.at({key.source, state.pipeline})].active;
    auto& status = row_of(active, [&](const auto& row) { return row.status == state.status; });
    status.oldest = status.runs == 0 ? state.since : std::min(status.oldest, state.since);
    status.status = state.status;
    ++status.runs;
  }
  return rows;
}

}  // namespace

std::unique_ptr<Storage> make_memory_storage(Timestamp birth) {
  return std::make_unique<MemoryStorage>(birth);
}

}  // namespace walpulse::monitor
