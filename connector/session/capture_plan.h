#pragma once

#include "connector/options/options.h"
#include "connector/session/preflight.h"
#include "decoder/pgoutput/event_decoder.h"

namespace walpulse::connector {

/// What every event says of its origin: the identity's names, whatever the server calls them now.
schema::Source source_of(const CaptureIdentity& identity, const ServerFacts& server);

/// What of the rows becomes labels.
std::vector<decoder::LabelRule> label_rules(const PublishOptions& options);

/// Which tables' changes become events, under which names, and what of them may leave.
decoder::EventDecoderOptions decoder_options(const SourceOptions& source,
                                             const PublishOptions& options, const Preflight& found);

}  // namespace walpulse::connector
