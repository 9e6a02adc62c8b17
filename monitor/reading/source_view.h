#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "decoder/schema/heartbeat.h"
#include "monitor/ledger/stores/storage.h"

namespace walpulse::monitor::reading {

/// How well a source is seen.
enum class SourceState : std::uint8_t {
  live,
  behind,     ///< It works off a backlog, or its watermark stands still.
  blind,      ///< A problem says so.
  beginning,  ///< Heard of; up to when all is there is not known yet.
};
std::string_view name_of(SourceState state);

/// The last heartbeat of one connector.
struct ConnectorView {
  std::string instance;
  Timestamp started_at;
  Timestamp heard_at;
  std::optional<schema::Heartbeat> heartbeat;  ///< Nothing where it is of a later build.
};

/// A snapshot that is being read, or that was sent and has not all come.
struct SnapshotView {
  std::string table;
  std::int64_t rows = 0;                 ///< That came.
  std::optional<std::int64_t> expected;  ///< Nothing until its end came.
};

struct TableView {
  std::string table;
  std::uint64_t epoch = 0;
  Standing standing = Standing::waits;
  std::optional<Timestamp> newest;     ///< The newest commit that came.
  std::optional<Timestamp> events_at;  ///< Up to when everything is known.
  bool gap = false;  ///< An earlier epoch was replaced; what lay between is not known.
};

/// One source: all its tables, and whoever sends them.
struct SourceView {
  std::string name;
  SourceState state = SourceState::beginning;
  std::optional<Timestamp> as_of;
  std::optional<Timestamp> heard;
  std::vector<ConnectorView> connectors;  ///< The last heard first.
  std::vector<TableView> tables;
  std::optional<SnapshotView> snapshot;
};

/// Up to when a source is known: by the capture of it that is furthest behind, those left out that
/// have stood still for a day while another goes on.
std::optional<Timestamp> source_as_of(const Context& context, const std::string& source);

/// How far `as_of` lies behind `now`, in whole minutes, so that answers that say the same are the
/// same; 0 up to a minute. Nothing while it is unknown.
std::optional<std::int64_t> behind_seconds(std::optional<Timestamp> as_of, Timestamp now);

/// All sources by name. Only reads. `blind` are the sources of which a problem says so.
std::vector<SourceView> read_sources(Transaction& in, const Context& context,
                                     const std::vector<std::string>& blind, Timestamp now);

}  // namespace walpulse::monitor::reading
