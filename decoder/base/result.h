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
  std::string message;      ///< What happened, for humans. No code reads meaning out of it.
  std::string remedy = {};  ///< What an operator can do about it; empty where nobody knows.
  std::string code = {};    ///< The peer's own word: an SQLSTATE, a google.api reason, a status.
};

/// What an operator is shown: "message; remedy".
inline std::string to_string(const Error& error) {
  return error.remedy.empty() ? error.message : error.message + "; " + error.remedy;
}

template <class T>
using Result = tl::expected<T, Error>;

inline tl::unexpected<Error> fail(ErrorKind kind, std::string message) {
  return tl::unexpected<Error>(Error{kind, std::move(message)});
}

inline tl::unexpected<Error> fail(ErrorKind kind, std::string message, std::string remedy,
                                  std::string code = {}) {
  return tl::unexpected<Error>(Error{kind, std::move(message), std::move(remedy), std::move(code)});
}

/// Hands a failure on as it is.
template <class T>
tl::unexpected<Error> forward(const Result<T>& failed) {
  return tl::unexpected<Error>(failed.error());
}
template <class T>
tl::unexpected<Error> forward(Result<T>&& failed) {
  return tl::unexpected<Error>(std::move(failed).error());
}

/// True where the same request may succeed later without anyone changing it.
inline bool retryable(const Error& error) {
  return error.kind == ErrorKind::unavailable || error.kind == ErrorKind::timed_out ||
         error.kind == ErrorKind::denied || error.kind == ErrorKind::contended;
}

}  // namespace walpulse
