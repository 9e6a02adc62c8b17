#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "decoder/base/result.h"

namespace walpulse::auth {

/// Public RSA keys by their `kid`, which check signatures of RS256 and of nothing else: what a
/// token says about its algorithm never chooses how it is checked (RFC 8725, section 3.1).
/// Immutable; any number of threads.
class JwkSet {
 public:
  /// A JWK Set (RFC 7517). Keys of other kinds or uses, and RSA below 2048 bits, are left out;
  /// malformed where none is left.
  static Result<JwkSet> from_jwks(std::string_view json);

  bool has(const std::string& key_id) const { return keys_.contains(key_id); }
  std::size_t size() const { return keys_.size(); }
  /// Whether the key signed `text`; false where there is no such key. `signature` is bytes.
  bool verify_rs256(const std::string& key_id, std::string_view text,
                    std::string_view signature) const;

 private:
  struct Key;
  std::map<std::string, std::shared_ptr<const Key>> keys_;
};

}  // namespace walpulse::auth
