#pragma once

#include <optional>
#include <string>
#include <vector>

#include "connector/options/options.h"
#include "connector/session/preflight.h"
#include "decoder/pgoutput/event_decoder.h"

namespace walpulse::connector {

/// What every event says of its origin: the identity's names, whatever the server calls them now.
schema::Source source_of(const CaptureIdentity& identity, const ServerFacts& server);

/// Under which name a captured table's changes become events, and what of them may leave. Of a
/// capture of one table all that the options say is of that table. Of several the labels are of the
/// first, and what leaves of Mage's own is said for each: of a trigger its settings too, never its
/// token; of a block the error, where it is asked for.
decoder::TableOptions table_options(const CaptureIdentity& identity, const CapturedTable& table,
                                    const PublishOptions& options);

/// A --column or --label of `table` for which it has no column, among `columns`, its names: nothing
/// would ever come of it, and nobody would be told. Of a table that is gone (no columns) nothing
/// can be said. Pure.
std::optional<Failure> column_problem(const CaptureIdentity& identity, const CapturedTable& table,
                                      const PublishOptions& options,
                                      const std::vector<std::string>& columns);
/// The same of every captured table, as the catalog has them now. Not for what reads history alone:
/// that may have a column which was dropped since.
tl::expected<void, Failure> check_columns(Catalog& catalog, const CaptureIdentity& identity,
                                          const PublishOptions& options);

/// Which tables' changes become events, under which names, and what of them may leave.
decoder::EventDecoderOptions decoder_options(const SourceOptions& source,
                                             const PublishOptions& options, const Preflight& found);

}  // namespace walpulse::connector
