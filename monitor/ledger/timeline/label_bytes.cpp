#include "monitor/ledger/timeline/label_bytes.h"

#include <cstddef>
#include <cstdint>

namespace walpulse::monitor {
namespace {

void append_count(std::string& out, std::uint64_t count) {
  for (; count >= 0x80; count >>= 7) out.push_back(static_cast<char>(count | 0x80));
  out.push_back(static_cast<char>(count));
}

void append_counted(std::string& out, std::string_view text) {
  append_count(out, text.size());
  out.append(text);
}

template <class Labels>
std::string encoded(const Labels& labels) {
  std::size_t size = 1;
  for (const auto& [name, value] : labels) size += name.size() + value.size() + 4;
  std::string bytes;
  bytes.reserve(size);
  append_count(bytes, labels.size());
  for (const auto& [name, value] : labels) {
    append_counted(bytes, name);
    append_counted(bytes, value);
  }
  return bytes;
}

std::optional<std::uint64_t> take_count(std::string_view& in) {
  std::uint64_t count = 0;
  for (unsigned shift = 0; shift < 64 && !in.empty(); shift += 7) {
    const auto byte = static_cast<unsigned char>(in.front());
    in.remove_prefix(1);
    count |= std::uint64_t{byte & 0x7Fu} << shift;
    if (byte < 0x80) return count;
  }
  return std::nullopt;
}

std::optional<std::string_view> take_counted(std::string_view& in) {
  const auto size = take_count(in);
  if (!size || *size > in.size()) return std::nullopt;
  const std::string_view text = in.substr(0, *size);
  in.remove_prefix(*size);
  return text;
}

}  // namespace

std::string encode_labels(const telemetry::Labels& labels) { return encoded(labels); }
std::string encode_sorted_labels(std::span<const LabelView> labels) { return encoded(labels); }

std::optional<telemetry::Labels> decode_labels(std::string_view bytes) {
  const auto count = take_count(bytes);
  if (!count || *count > bytes.size()) return std::nullopt;
  telemetry::Labels labels;
  for (std::uint64_t left = *count; left > 0; --left) {
    const auto name = take_counted(bytes);
    const auto value = name ? take_counted(bytes) : std::nullopt;
    if (!value) return std::nullopt;
    labels.emplace(*name, *value);
  }
  if (!bytes.empty()) return std::nullopt;
  return labels;
}

}  // namespace walpulse::monitor
