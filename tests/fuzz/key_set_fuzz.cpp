#include <string>

#include "publisher/auth/jwk_set.h"
#include "tests/fuzz/fuzz.h"

// Input: the answer of an address that should give Google's public keys (a JWK Set).

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace walpulse;
  using fuzz::require;
  for (const auto algorithm : {auth::Algorithm::rs256, auth::Algorithm::es256}) {
    const auto keys = auth::JwkSet::from_jwks(fuzz::text(data, size), algorithm);
    if (!keys) {
      require(keys.error().kind == ErrorKind::malformed, "no key set is malformed");
      continue;
    }
    require(keys->size() > 0 && keys->size() <= 64, "a set has keys, and not too many");
    for (const char* id : {"k1", "k2", ""}) {
      require(!keys->verify(id, "text", ""), "nothing is no signature");
      for (const std::size_t bytes : {64, 256}) {
        const bool valid = keys->verify(id, "text", std::string(bytes, 'x'));
        require(keys->has(id) || !valid, "an unknown key has signed nothing");
      }
    }
  }
  return 0;
}
