#include "monitor/storage/memory_storage.h"

#include <algorithm>
#include <functional>
#include <map>
#include <tuple>
#include <unordered_set>
#include <utility>

#include "monitor/storage/lone_storage.h"
#include "monitor/storage/memory_runs.h"

namespace walpulse::monitor {
namespace {

/// Writes wait in a list until commit(), so that a rollback has nothing to undo.
class MemoryStorage final : public LoneStorage {
 public:
  explicit MemoryStorage(Timestamp birth) {
    context_.birth = birth;
    context_.last_end = birth;
  }

  Result<void> begin(Intent) override {
    rollback();
    return {};
  }
  Result<void> commit() override {
    for (const auto& write : writes_) write();
    writes_.clear();
    runs_.commit();
    return {};
  }
  void rollback() override {
    writes_.clear();
    runs_.rollback();
  }

  Context context() override { return context_; }
  void save_source(SourceRow& source) override {
    if (source.id == 0) source.id = ++last_id_;
    later([this, source] {
      SourceRow& row = source_of(source.id);
      row.id = source.id;
      row.name = source.name;
      row.table = source.table;
      row.last_created = std::max(row.last_created, source.last_created);
    });
  }
  void add_end(std::int64_t source, const Entry& end) override {
    later([this, source, end] { insert(source_of(source).ends, end); });
  }
  void save_snapshot_end(std::int64_t source, const SnapshotEndRow& end) override {
    later([this, source, end] {
      SnapshotEndRow& row = row_of(source_of(source).snapshot_ends,
                                   [&](const SnapshotEndRow& each) { return each.same(end); });
      const bool complete = row.complete || end.complete;
      row = end;
      row.complete = complete;
    });
  }
  void add_snapshot_rows(std::int64_t source, std::span<const SnapshotRows> rows) override {
    for (const SnapshotRows& each : rows) {
      later([this, source, each] {
        snapshot_rows_[{source, each.position}][each.chunk] += each.rows;
      });
    }
  }
  std::vector<SnapshotRows> snapshot_rows(std::int64_t source,
                                          const schema::Position& position) override {
    std::vector<SnapshotRows> found;
    const auto at = snapshot_rows_.find({source, position});
    if (at == snapshot_rows_.end()) return found;
    for (const auto& [chunk, rows] : at->second) found.push_back({position, chunk, rows});
    return found;
  }
  void forget_snapshots(std::int64_t source, const schema::Position& position) override {
    later([this, source, position] {
      std::erase_if(source_of(source).snapshot_ends,
                    [&](const SnapshotEndRow& end) { return end.position < position; });
      std::erase_if(snapshot_rows_, [&](const auto& rows) {
        return rows.first.first == source && rows.first.second <= position;
      });
    });
  }
  void save_epoch(const EpochRow& epoch) override {
    later([this, epoch] {
      row_of(context_.epochs, [&](const EpochRow& row) {
        return row.epoch == epoch.epoch && row.name == epoch.name && row.table == epoch.table;
      }) = epoch;
    });
  }
  std::vector<StayRow> stays(const EpochRow& epoch) override { return stays_[key_of(epoch)]; }
  void save_stay(const EpochRow& epoch, const StayRow& stay) override {
    later([this, key = key_of(epoch), stay] {
      row_of(stays_[key], [&](const StayRow& row) { return same_session(row, stay); }) = stay;
    });
  }
  void remove_stay(const EpochRow& epoch, const StayRow& stay) override {
    later([this, key = key_of(epoch), stay] {
      std::erase_if(stays_[key], [&](const StayRow& row) { return same_session(row, stay); });
    });
  }
  std::string watermark(std::int64_t source) override { return watermarks_[source]; }
  void save_watermark(std::int64_t source, const std::string& state,
                      const std::optional<schema::Position>& delivered) override {
    later([this, source, state, delivered] {
      watermarks_[source] = state;
      source_of(source).delivered = delivered;
    });
  }
  void save_last_end(Timestamp end) override {
    later([this, end] { context_.last_end = end; });
  }
  void save_floor(std::int64_t source, const schema::Position& floor) override {
    later([this, source, floor] {
      SourceRow& row = source_of(source);
      row.floor = std::max(row.floor, std::optional(floor));
    });
  }
  void save_intake(IntakeTime clock) override {
    later([this, clock] { context_.intake = std::max(context_.intake, clock); });
  }
  void note_heard() override {
    later([this] { ++context_.heard; });
  }
  std::string remembered(const std::string& name) override {
    const auto at = remembered_.find(name);
    return at == remembered_.end() ? std::string() : at->second;
  }
  void remember(const std::string& name, const std::string& value) override {
    later([this, name, value] { remembered_[name] = value; });
  }

  std::vector<StoredRun> load_runs(std::span<const RunKey> keys) override {
    return runs_.load(keys);
  }
  void save_runs(std::span<const StoredRun> runs) override { runs_.save(runs); }
  std::vector<RunKey> active_runs(std::int64_t source) override { return runs_.active(source); }
  std::vector<StoredRun> runs_after(const RunKey& after, std::size_t count_max) override {
    return runs_.after(after, count_max);
  }
  void remove_runs(std::span<const StoredRun> runs) override { runs_.remove(runs); }
  std::vector<RunKey> due_runs(IntakeTime clock, std::size_t count_max) override {
    return runs_.due(clock, count_max);
  }
  std::vector<PipelineRow> pipelines() override { return runs_.pipelines(); }

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
      if (!id.empty() && !rejected_ids_.insert(id).second) return;
      Rejected& kept = rejected_[++last_id_];
      kept = message;
      kept.id = last_id_;
      unforwarded_.insert(kept.id);
    });
  }
  std::vector<Rejected> rejected(std::int64_t after, std::size_t count_max) override {
    std::vector<Rejected> found;
    for (auto at = rejected_.upper_bound(after); at != rejected_.end(); ++at) {
      if (found.size() == count_max) break;
      found.push_back(at->second);
    }
    return found;
  }
  std::vector<Rejected> unforwarded(std::size_t count_max) override {
    std::vector<Rejected> found;
    for (const std::int64_t id : unforwarded_) {
      if (found.size() == count_max) break;
      found.push_back(rejected_.at(id));
    }
    return found;
  }
  void mark_forwarded(std::span<const std::int64_t> ids) override {
    for (const std::int64_t id : ids) later([this, id] { unforwarded_.erase(id); });
  }
  void remove_rejected(std::span<const std::int64_t> ids) override {
    for (const std::int64_t id : ids) {
      later([this, id] {
        const auto at = rejected_.find(id);
        if (at == rejected_.end()) return;
        rejected_ids_.erase(at->second.message_id);
        rejected_.erase(at);
        unforwarded_.erase(id);
      });
    }
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

  using EpochKey = std::tuple<std::string, std::string, std::uint64_t>;
  static EpochKey key_of(const EpochRow& epoch) { return {epoch.name, epoch.table, epoch.epoch}; }
  static bool same_session(const StayRow& a, const StayRow& b) {
    return a.session == b.session && a.instance == b.instance;
  }

  SourceRow& source_of(std::int64_t id) {
    return row_of(context_.sources, [&](const SourceRow& row) { return row.id == id; });
  }

  std::vector<std::function<void()>> writes_;
  std::int64_t last_id_ = 0;
  Context context_;
  MemoryRuns runs_;
  std::map<std::pair<std::int64_t, schema::Position>, std::map<std::int64_t, std::int64_t>>
      snapshot_rows_;  ///< By source and position, then chunk.
  std::map<std::int64_t, Series> series_;
  std::map<SeriesKey, std::int64_t> series_ids_;
  std::map<std::string, std::set<std::string>> label_values_;
  std::vector<ConnectorRow> connectors_;
  std::map<EpochKey, std::vector<StayRow>> stays_;
  std::map<std::int64_t, std::string> watermarks_;
  std::map<std::string, std::string> remembered_;
  std::map<std::int64_t, Rejected> rejected_;
  std::set<std::int64_t> unforwarded_;
  std::unordered_set<std::string> rejected_ids_;
};

}  // namespace

std::unique_ptr<Storage> make_memory_storage(Timestamp birth) {
  return std::make_unique<MemoryStorage>(birth);
}

}  // namespace walpulse::monitor
