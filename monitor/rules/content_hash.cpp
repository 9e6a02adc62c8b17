#include "monitor/rules/content_hash.h"

#include <openssl/sha.h>

#include <array>
#include <filesystem>
#include <string_view>

namespace walpulse::rules {

std::string content_hash(std::span<const RulesText> texts, std::span<const BodyText> bodies) {
  std::string all;
  const auto take = [&](std::string_view part) {
    all += std::to_string(part.size()) + ":";  // so that no two lists are one text
    all += part;
  };
  const std::filesystem::path folder =
      texts.empty() ? "" : std::filesystem::path(texts.front().name).parent_path();
  const auto take_name = [&](const std::string& name) {
    take(folder.empty() ? name : std::filesystem::path(name).lexically_relative(folder).string());
  };
  for (const RulesText& text : texts) {
    take_name(text.name);
    take(text.text);
    take(std::to_string(text.within.size()));
    for (const std::string& within : text.within) take(within);
  }
  for (const BodyText& body : bodies) {
    take_name(body.name);
    take(body.text);
    take(body.trouble);
  }
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
  SHA256(reinterpret_cast<const unsigned char*>(all.data()), all.size(), digest.data());
  static constexpr std::string_view kDigits = "0123456789abcdef";
  std::string hash;
  for (const unsigned char byte : digest) hash += {kDigits[byte >> 4], kDigits[byte & 15]};
  return hash;
}

}  // namespace walpulse::rules
