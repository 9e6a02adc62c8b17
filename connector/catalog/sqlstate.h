#pragma once

#include <string_view>

#include "decoder/base/result.h"

namespace walpulse::connector {

inline constexpr std::string_view kObjectInUse = "55006";
inline constexpr std::string_view kUndefinedObject = "42704";
inline constexpr std::string_view kLockNotAvailable = "55P03";

/// Whether waiting may be enough: the classes 08 (connection), 53 (a full server), 57 (the
/// operator's intervention: 57P01 shutdown, 57P03 not yet up, 57P05 idle for too long) and 58 (a
/// file or disk of the server's), and the ends that 25P03 and 25P04 put to a slow transaction.
/// Pure.
bool passes(std::string_view sqlstate);

/// What the SQLSTATE of a failed statement means for whoever asked: timed_out for 57014, our own
/// statement_timeout; unavailable where it passes; else rejected. Pure.
ErrorKind kind_of_sqlstate(std::string_view sqlstate);

}  // namespace walpulse::connector
