#pragma once

#include <string>
#include <utility>

#include "decoder/base/result.h"

/// What a caller adds to a failure that it hands on. Whatever is not named stays as it was.
namespace walpulse {

inline tl::unexpected<Error> fail(Error error) { return tl::unexpected<Error>(std::move(error)); }

/// "what: message".
inline Error in_context(const std::string& what, Error error) {
  error.message = what + ": " + error.message;
  return error;
}

/// Of a kind that this caller knows better.
inline Error of_kind(ErrorKind kind, Error error) {
  error.kind = kind;
  return error;
}

/// One more thing that an operator can do.
inline Error with_remedy(const std::string& remedy, Error error) {
  error.remedy += (error.remedy.empty() || remedy.empty() ? "" : "; ") + remedy;
  return error;
}

}  // namespace walpulse
