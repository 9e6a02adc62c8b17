#include "connector/session/capture_plan.h"

namespace walpulse::connector {

schema::Source source_of(const CaptureIdentity& identity, const ServerFacts& server) {
  return {.name = identity.name,
          .database = identity.database.empty() ? server.database : identity.database};
}

decoder::EventDecoderOptions decoder_options(const SourceOptions& source,
                                             const PublishOptions& options,
                                             const Preflight& found) {
  decoder::EventDecoderOptions wanted;
  const CaptureIdentity& identity = found.identity;
  wanted.source = source_of(identity, found.server);
  wanted.epoch = identity.epoch;
  wanted.table_oid = identity.table;
  wanted.schema = identity.schema;
  wanted.table = identity.table_name;
  wanted.columns = options.columns;
  wanted.key_columns = found.key_columns;
  wanted.base_type = base_type_finder(source.dsn, found.base_types);
  for (const LabelOption& label : options.labels) {
    wanted.labels.push_back({label.name, label.column, label.path});
  }
  return wanted;
}

}  // namespace walpulse::connector
