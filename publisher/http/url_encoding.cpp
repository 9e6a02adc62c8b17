#include "publisher/http/url_encoding.h"

namespace walpulse::http {

std::string percent_encoded(std::string_view text) {
  static constexpr char kHex[] = "0123456789ABCDEF";
  static constexpr std::string_view kUnreserved =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
  std::string out;
  for (const char c : text) {
    if (kUnreserved.find(c) != std::string_view::npos) {
      out += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      out += {'%', kHex[byte >> 4], kHex[byte & 15]};
    }
  }
  return out;
}

std::string form_of(const std::vector<std::pair<std::string_view, std::string_view>>& pairs) {
  std::string form;
  for (const auto& [name, value] : pairs) {
    if (value.empty()) continue;
    if (!form.empty()) form += '&';
    form += std::string(name) + "=" + percent_encoded(value);
  }
  return form;
}

}  // namespace walpulse::http
