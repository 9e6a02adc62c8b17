#pragma once

#include "connector/capture/discovery.h"
#include "connector/options/options.h"
#include "decoder/event_decoder.h"

namespace walpulse::connector {

/// Which table's changes become events, under which name, and what of them may leave. Pure.
decoder::EventDecoderOptions decoder_options(const SourceOptions& source,
                                             const PublishOptions& options, const Discovery& found);

}  // namespace walpulse::connector
