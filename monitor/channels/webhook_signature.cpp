#include "monitor/channels/webhook_signature.h"

#include "decoder/base/base64.h"
#include "publisher/auth/hmac.h"
#include "publisher/http/header_field.h"

namespace walpulse::monitor::channels {
namespace {

constexpr std::string_view kKeyPrefix = "whsec_";
/// The specification asks for 24 to 64.
constexpr std::size_t kKeyBytesMin = 16;

}  // namespace

Result<std::string> webhook_signature(std::string_view keys, std::string_view id,
                                      std::int64_t seconds, std::string_view body) {
  std::string text(id);
  text.append(".").append(std::to_string(seconds)).append(".").append(body);
  std::string signatures;
  while (!keys.empty()) {
    std::string_view line = http::take_element(keys, '\n');
    while (line.ends_with('\r')) line.remove_suffix(1);
    if (line.empty()) continue;
    if (line.starts_with(kKeyPrefix)) line.remove_prefix(kKeyPrefix.size());
    const auto key = decode_base64(line);
    if (!key || key->size() < kKeyBytesMin)
      return fail(ErrorKind::rejected, "a signing key is not whsec_ and 16 bytes or more in base64",
                  "make one: echo whsec_$(openssl rand -base64 32)");
    signatures += (signatures.empty() ? "v1," : " v1,");
    append_base64(auth::hmac_sha256(*key, text), signatures);
  }
  return signatures;
}

}  // namespace walpulse::monitor::channels
