#include "connector/session/capture_plan.h"

namespace walpulse::connector {

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
    const bool ours = named.table.empty() ? first : named.table == name;
    if (ours) wanted.columns.emplace_back(named.column);
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
