#pragma once

#include <memory>

#include "publisher/sinks/sink.h"

namespace walpulse::publisher {

/// One JSON line an event, in the order taken (one lane); heartbeats are left out. A line is always
/// written whole: one that a full disk interrupts is completed before anything else. A reader that
/// went away ends the stream. `fd` stays the caller's, and the process ignores SIGPIPE from here
/// on.
std::unique_ptr<Sink> make_stdout_sink(int fd);

}  // namespace walpulse::publisher
