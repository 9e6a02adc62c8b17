#include "publisher/auth/jwt.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include "decoder/base/base64.h"
#include "decoder/base/freed_by.h"

namespace walpulse::auth {
namespace {

using Bio = std::unique_ptr<BIO, FreedBy<BIO_free>>;
using KeyHandle = std::unique_ptr<EVP_PKEY, FreedBy<EVP_PKEY_free>>;
using DigestContext = std::unique_ptr<EVP_MD_CTX, FreedBy<EVP_MD_CTX_free>>;

/// Never asks a terminal for a passphrase.
int no_passphrase(char*, int, int, void*) { return 0; }

Result<std::string> signature(EVP_PKEY* key, std::string_view text) {
  const DigestContext context(EVP_MD_CTX_new());
  const auto* bytes = reinterpret_cast<const unsigned char*>(text.data());
  std::size_t size = 0;
  if (!context || EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key) != 1 ||
      EVP_DigestSign(context.get(), nullptr, &size, bytes, text.size()) != 1) {
    return fail(ErrorKind::rejected, "OpenSSL cannot sign with the private key");
  }
  std::string out(size, '\0');
  if (EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(out.data()), &size, bytes,
                     text.size()) != 1) {
    return fail(ErrorKind::rejected, "OpenSSL cannot sign with the private key");
  }
  out.resize(size);
  return out;
}

}  // namespace

struct JwtKey::Key {
  KeyHandle handle;
};

Result<JwtKey> JwtKey::from_pem(std::string_view pem) {
  const Bio bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  KeyHandle key(bio ? PEM_read_bio_PrivateKey(bio.get(), nullptr, &no_passphrase, nullptr)
                    : nullptr);
  ERR_clear_error();  // Left on the thread's queue, it would be read as a TLS failure later.
  if (!key || EVP_PKEY_get_base_id(key.get()) != EVP_PKEY_RSA) {
    return fail(ErrorKind::rejected, "not an unencrypted RSA private key in PEM form");
  }
  return JwtKey(std::make_shared<const Key>(Key{std::move(key)}));
}

Result<std::string> JwtKey::sign(std::string_view header, std::string_view claims) const {
  std::string token = base64_url(header) + '.' + base64_url(claims);
  Result<std::string> bytes = signature(key_->handle.get(), token);
  if (!bytes) return bytes;
  return token + '.' + base64_url(*bytes);
}

}  // namespace walpulse::auth
