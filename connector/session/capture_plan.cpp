#include "connector/session/capture_plan.h"

namespace walpulse::connector {

schema::Source source_of(const CaptureIdentity& identity, const ServerFacts& server) {
  return {.name = identity.name,
          .database = identity.database.empty() ? server.database : identity.database};
}

std::vector<decoder::LabelRule> label_rules(const PublishOptions& options) {
  std::vector<decoder::LabelRule> rules;
  for (const LabelOption& label : options.labels) {
    rules.push_back({label.name, label.column, label.path});
  }
  return rules;
}

decoder::EventDecoderOptions decoder_options(const SourceOptions& source,
                                             const PublishOptions& options,
                                             const Preflight& found) {
  decoder::EventDecoderOptions wanted;
  const CaptureIdentity& identity = found.identity;
  wanted.source = source_of(identity, found.server);
  wanted.epoch = identity.epoch;
  for (std::size_t i = 0; i < identity.tables.size(); ++i) {
    wanted.tables.push_back({.oid = identity.tables[i].oid,
                             .name = identity.tables[i].name,
                             .columns = options.columns,
                             .labels = label_rules(options),
                             .key_columns = found.key_columns.at(i)});
  }
  wanted.base_type = base_type_finder(source.dsn, found.base_types);
  return wanted;
}

}  // namespace walpulse::connector
