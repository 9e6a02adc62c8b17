#pragma once

#include <memory>

#include "connector/options/options.h"
#include "publisher/sinks/sink.h"

namespace walpulse::connector {

/// The sink that events go to, asked once. What is down comes back and is only warned of; what is
/// missing or forbidden is an error: better said now than retried unseen.
Result<std::unique_ptr<publisher::Sink>> start_sink(const PublishOptions& options);

/// Whether the reader of a pipe on stdout closed it: `| head` has seen enough.
bool stdout_closed();

}  // namespace walpulse::connector
