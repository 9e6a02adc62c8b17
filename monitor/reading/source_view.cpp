#include "monitor/reading/source_view.h"

#include <algorithm>
#include <chrono>
#include <map>

#include "decoder/mage/tables.h"
#include "monitor/ledger/application/capture_as_of.h"

namespace walpulse::monitor::reading {
namespace {

/// A capture that stands still for so long, while another goes on, is no more.
constexpr std::chrono::hours kCaptureGone{24};

bool is_known(Timestamp instant) { return instant != Timestamp{} && instant != kMinusInfinity; }

TableView view_of(const Context& context, const EpochRow& epoch) {
  TableView view{epoch.table, epoch.epoch, epoch.standing, std::nullopt, std::nullopt, false};
  if (is_known(epoch.newest)) view.newest = epoch.newest;
  for (const SourceRow& row : context.sources) {
    if (row.name != epoch.name || row.table != epoch.table) continue;
    view.events_at = capture_as_of(context, row);
    view.gap = !epoch.identity.follows.empty() && row.snapshot_ends.empty();
  }
  return view;
}

/// Of one table the newest epoch that counts, else the newest.
std::vector<TableView> tables_of(const Context& context, const std::string& source) {
  std::map<std::string, const EpochRow*> newest;
  const auto rank = [](const EpochRow& row) {
    return std::pair(row.standing == Standing::accepted, row.epoch);
  };
  for (const EpochRow& epoch : context.epochs) {
    if (epoch.name != source) continue;
    const EpochRow*& known = newest[epoch.table];
    if (known == nullptr || rank(*known) < rank(epoch)) known = &epoch;
  }
  std::vector<TableView> tables;
  tables.reserve(newest.size());
  for (const auto& [table, epoch] : newest) tables.push_back(view_of(context, *epoch));
  return tables;
}

/// Of the snapshot ends that are not complete the newest. A snapshot whose end has not come is
/// known by its connector alone, which says nothing of it.
std::optional<SnapshotView> snapshot_of(Transaction& in, const Context& context,
                                        const std::string& source) {
  for (const SourceRow& row : context.sources) {
    if (row.name != source || mage::table_of(row.table) != mage::Table::runs) continue;
    for (const SnapshotEndRow& end : row.snapshot_ends) {
      if (end.complete) continue;
      std::int64_t rows = 0;
      for (const SnapshotRows& chunk : in.snapshots().rows(row.id, end.position))
        rows += chunk.rows;
      return SnapshotView{row.table, rows, end.rows};
    }
  }
  return std::nullopt;
}

void add_connectors(Transaction& in, std::vector<SourceView>& sources) {
  for (const ConnectorRow& row : in.connectors().all()) {
    const auto source = std::ranges::find(sources, row.name, &SourceView::name);
    if (source == sources.end()) continue;
    auto heartbeat = schema::parse_heartbeat(row.heartbeat);
    ConnectorView view{row.instance, row.started_at, row.sent_at, std::nullopt};
    if (heartbeat) view.heartbeat = *std::move(heartbeat);
    source->heard = std::max(source->heard.value_or(row.sent_at), row.sent_at);
    source->connectors.push_back(std::move(view));
  }
  for (SourceView& source : sources)
    std::ranges::sort(source.connectors, std::ranges::greater{}, &ConnectorView::heard_at);
}

SourceState state_of(const SourceView& source, const std::vector<std::string>& blind,
                     Timestamp now) {
  if (std::ranges::find(blind, source.name) != blind.end()) return SourceState::blind;
  if (!source.as_of) return SourceState::beginning;
  return behind_seconds(source.as_of, now) > 0 ? SourceState::behind : SourceState::live;
}

}  // namespace

std::string_view name_of(SourceState state) {
  switch (state) {
    case SourceState::live:
      return "live";
    case SourceState::behind:
      return "behind";
    case SourceState::blind:
      return "blind";
    case SourceState::beginning:
      return "beginning";
  }
  return "beginning";
}

std::optional<Timestamp> source_as_of(const Context& context, const std::string& source) {
  std::vector<Timestamp> captures;
  for (const SourceRow& row : context.sources) {
    if (row.name != source) continue;
    if (const auto as_of = capture_as_of(context, row)) captures.push_back(*as_of);
  }
  if (captures.empty()) return std::nullopt;
  const Timestamp newest = *std::ranges::max_element(captures);
  Timestamp behind = newest;
  for (const Timestamp each : captures)
    if (newest - each < kCaptureGone) behind = std::min(behind, each);
  return behind;
}

std::optional<std::int64_t> behind_seconds(std::optional<Timestamp> as_of, Timestamp now) {
  if (!as_of) return std::nullopt;
  if (*as_of >= now) return 0;
  return std::chrono::floor<std::chrono::minutes>(now - *as_of).count() * 60;
}

std::vector<SourceView> read_sources(Transaction& in, const Context& context,
                                     const std::vector<std::string>& blind, Timestamp now) {
  std::vector<SourceView> sources;
  for (const SourceRow& row : context.sources)
    if (std::ranges::find(sources, row.name, &SourceView::name) == sources.end()) {
      SourceView view;
      view.name = row.name;
      sources.push_back(std::move(view));
    }
  std::ranges::sort(sources, {}, &SourceView::name);
  add_connectors(in, sources);
  for (SourceView& source : sources) {
    source.as_of = source_as_of(context, source.name);
    source.tables = tables_of(context, source.name);
    source.snapshot = snapshot_of(in, context, source.name);
    source.state = state_of(source, blind, now);
  }
  return sources;
}

}  // namespace walpulse::monitor::reading
