#pragma once

#include <string>
#include <tl/expected.hpp>
#include <utility>

namespace walpulse {

/// What the caller may do about a failure. Callers branch on this, never on text.
enum class ErrorKind {
  malformed,    ///< Bytes broke a protocol rule. Never retried.
  rejected,     ///< The peer refused this request for good (400, bad SQL). Never retried.
  denied,       ///< Refused until an operator mends something (403, 404): retried slowly, loudly.
  unavailable,  ///< Transient: worth another attempt after a pause.
  timed_out,    ///< The deadline passed. The outcome is unknown.
  cancelled,    ///< Shutdown was requested.
  contended,    ///< Another transaction was in the way and this one left no trace: the same again.
};

struct Error {
  ErrorKind kind;
  std::string message;  ///< For humans; names the remedy where there is one.
};

template <class T>
using Result = tl::expected<T, Error>;

inline tl::unexpected<Error> fail(ErrorKind kind, std::string message) {
  return tl::unexpected<Error>(Error{kind, std::move(message)});
}

/// True where the same request may succeed later without anyone changing it.
inline bool retryable(const Error& error) {
  return error.kind == ErrorKind::unavailable || error.kind == ErrorKind::timed_out ||
         error.kind == ErrorKind::denied || error.kind == ErrorKind::contended;
}

}  // namespace walpulse
