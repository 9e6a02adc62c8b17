#include "publisher/auth/hmac.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>

namespace walpulse::auth {

std::string hmac_sha256(std::string_view key, std::string_view text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  if (HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
           reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data(),
           &size) == nullptr)
    return {};
  return {reinterpret_cast<const char*>(digest.data()), size};
}

}  // namespace walpulse::auth
