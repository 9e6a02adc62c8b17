#pragma once

namespace walpulse::publisher {

/// The code of a sink's final error where whoever read has left: `| head` has seen enough, and
/// nothing went wrong.
inline constexpr const char* kReaderLeft = "EPIPE";

}  // namespace walpulse::publisher
