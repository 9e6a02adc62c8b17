#include "connector/capture/capture_plan.h"

namespace walpulse::connector {

decoder::EventDecoderOptions decoder_options(const SourceOptions& source,
                                             const PublishOptions& options,
                                             const Discovery& found) {
  decoder::EventDecoderOptions wanted;
  wanted.source = {.name = found.identity.name, .database = found.server.database};
  wanted.epoch = found.identity.epoch;
  wanted.schema = source.schema;
  wanted.table = source.table;
  wanted.json_columns = options.columns;
  wanted.key_columns = found.key_columns;
  for (const LabelOption& label : options.labels) {
    wanted.labels.push_back({label.name, label.column, label.path});
  }
  return wanted;
}

}  // namespace walpulse::connector
