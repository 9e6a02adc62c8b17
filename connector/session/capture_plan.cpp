#include "connector/session/capture_plan.h"

#include <algorithm>
#include <string_view>

#include "publisher/config/nearest.h"

namespace walpulse::connector {
namespace {

/// Whether --column with this name is of `table`.
bool is_of(const CaptureIdentity& identity, const CapturedTable& table, const NamedColumn& named) {
  return named.table.empty() ? table == identity.tables.front() : named.table == table.name.name;
}

Failure no_column(const CapturedTable& table, const std::string& option, std::string_view column,
                  const std::vector<std::string>& columns) {
  const std::vector<std::string_view> known(columns.begin(), columns.end());
  const std::string_view near = config::nearest(column, known);
  return {Verdict::fatal,
          option + ": the table " + to_string(table.name) + " has no column " + std::string(column),
          near.empty() ? "name one that it has, or leave the option out"
                       : "did you mean the column " + std::string(near) + "?"};
}

}  // namespace

schema::Source source_of(const CaptureIdentity& identity, const ServerFacts& server) {
  return {.name = identity.name,
          .database = identity.database.empty() ? server.database : identity.database};
}

decoder::TableOptions table_options(const CaptureIdentity& identity, const CapturedTable& table,
                                    const PublishOptions& options) {
  const bool first = table == identity.tables.front();
  const bool alone = identity.tables.size() == 1;
  const std::string& name = table.name.name;
  decoder::TableOptions wanted;
  wanted.oid = table.oid;
  wanted.name = table.name;
  for (const std::string& text : options.columns) {
    const NamedColumn named = named_column(text);
    if (is_of(identity, table, named)) wanted.columns.emplace_back(named.column);
  }
  if (first) {
    for (const LabelOption& label : options.labels) {
      wanted.labels.push_back({label.name, label.column, label.path});
    }
  }
  if (name == kTriggers) wanted.never = {std::string(kTriggerSecret)};
  if (alone) return wanted;
  // Enums of Mage's own may have been replaced since; the settings say when runs are due.
  if (name == kTriggers) {
    for (const char* column : {"settings", "schedule_type"}) wanted.columns.emplace_back(column);
  }
  if (name == kBlocks) {
    wanted.order_column = "pipeline_run_id";
    if (options.block_error) {
      wanted.error = decoder::ErrorRule{"metrics", {"error", "error"}, "status", "FAILED"};
    }
  }
  return wanted;
}

std::optional<Failure> column_problem(const CaptureIdentity& identity, const CapturedTable& table,
                                      const PublishOptions& options,
                                      const std::vector<std::string>& columns) {
  const auto is_missing = [&](std::string_view column) {
    return std::ranges::find(columns, column) == columns.end();
  };
  if (columns.empty()) return std::nullopt;
  for (const std::string& text : options.columns) {
    const NamedColumn named = named_column(text);
    if (is_of(identity, table, named) && is_missing(named.column))
      return no_column(table, "--column " + text, named.column, columns);
  }
  if (table != identity.tables.front()) return std::nullopt;
  for (const LabelOption& label : options.labels)
    if (is_missing(label.column))
      return no_column(table, "--label " + label.name + "=" + label.column, label.column, columns);
  return std::nullopt;
}

tl::expected<void, Failure> check_columns(Catalog& catalog, const CaptureIdentity& identity,
                                          const PublishOptions& options) {
  for (const CapturedTable& table : identity.tables) {
    const auto found = catalog.column_types(table.oid);
    if (!found) return refuse(found.error());
    std::vector<std::string> columns;
    for (const ColumnType& each : *found) columns.push_back(each.column);
    if (auto problem = column_problem(identity, table, options, columns))
      return tl::unexpected<Failure>(*std::move(problem));
  }
  return {};
}

decoder::EventDecoderOptions decoder_options(const SourceOptions& source,
                                             const PublishOptions& options,
                                             const Preflight& found) {
  decoder::EventDecoderOptions wanted;
  const CaptureIdentity& identity = found.identity;
  wanted.source = source_of(identity, found.server);
  wanted.epoch = identity.epoch;
  for (std::size_t i = 0; i < identity.tables.size(); ++i) {
    wanted.tables.push_back(table_options(identity, identity.tables[i], options));
    wanted.tables.back().key_columns = found.key_columns.at(i);
  }
  wanted.base_type = base_type_finder(source.dsn, found.base_types);
  return wanted;
}

}  // namespace walpulse::connector
