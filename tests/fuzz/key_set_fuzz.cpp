#include <string>

#include "publisher/auth/jwk_set.h"
#include "tests/fuzz/fuzz.h"

// Input: the answer of an address that should give Google's public keys (a JWK Set).

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace walpulse;
  using fuzz::require;
  const auto keys = auth::JwkSet::from_jwks(fuzz::text(data, size));
  if (!keys) {
    require(keys.error().kind == ErrorKind::malformed, "no key set is malformed");
    return 0;
  }
  require(keys->size() > 0 && keys->size() <= 64, "a set has keys, and not too many");
  for (const char* id : {"k1", "k2", ""}) {
    require(!keys->verify_rs256(id, "text", ""), "nothing is no signature");
    require(keys->has(id) || !keys->verify_rs256(id, "text", std::string(256, 'x')),
            "an unknown key has signed nothing");
    keys->verify_rs256(id, "text", std::string(256, 'x'));
  }
  return 0;
}
