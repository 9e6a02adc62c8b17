#pragma once

#include "connector/capture/discovery.h"
#include "decoder/event_decoder.h"

namespace walpulse::connector {

/// Which table's changes become events, under which name, and what of them may leave. Pure.
decoder::EventDecoderOptions decoder_options(const RunOptions& options, const Discovery& found);

}  // namespace walpulse::connector
