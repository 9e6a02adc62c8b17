#include "monitor/storage/row_codec.h"

#include <bit>
#include <iterator>
#include <utility>

#include "monitor/storage/byte_codec.h"

namespace walpulse::monitor {
namespace {

void write_position(std::string& out, std::uint64_t part) {
  for (int shift = 56; shift >= 0; shift -= 8) out.push_back(static_cast<char>(part >> shift));
}

std::uint64_t read_position(std::string_view bytes) {
  std::uint64_t part = 0;
  for (const char byte : bytes) part = part << 8 | static_cast<unsigned char>(byte);
  return part;
}

}  // namespace

std::string encode_number(const telemetry::Number& value) {
  std::string bytes;
  ByteWriter out(bytes);
  out.unsigned_number(value.index());
  if (const auto* whole = std::get_if<std::int64_t>(&value)) {
    out.number(*whole);
  } else if (const auto* real = std::get_if<double>(&value)) {
    out.unsigned_number(std::bit_cast<std::uint64_t>(*real));
  } else {
    const auto& distribution = std::get<telemetry::Distribution>(value);
    out.unsigned_number(distribution.bounds.size());
    for (const double bound : distribution.bounds)
      out.unsigned_number(std::bit_cast<std::uint64_t>(bound));
    out.unsigned_number(distribution.counts.size());
    for (const std::uint64_t count : distribution.counts) out.unsigned_number(count);
    out.unsigned_number(std::bit_cast<std::uint64_t>(distribution.sum));
  }
  return bytes;
}

std::optional<telemetry::Number> decode_number(std::string_view bytes) {
  ByteReader in(bytes);
  telemetry::Number value;
  switch (in.unsigned_number()) {
    case 0:
      value = in.number();
      break;
    case 1:
      value = std::bit_cast<double>(in.unsigned_number());
      break;
    case 2: {
      telemetry::Distribution distribution;
      for (auto left = in.count(); left > 0; --left)
        distribution.bounds.push_back(std::bit_cast<double>(in.unsigned_number()));
      for (auto left = in.count(); left > 0; --left)
        distribution.counts.push_back(in.unsigned_number());
      distribution.sum = std::bit_cast<double>(in.unsigned_number());
      value = std::move(distribution);
      break;
    }
    default:
      return std::nullopt;
  }
  if (!in.finished()) return std::nullopt;
  return value;
}

std::string encode_attributes(const schema::Attributes& attributes) {
  std::string bytes;
  ByteWriter out(bytes);
  const auto count = std::ranges::distance(attributes);
  out.unsigned_number(static_cast<std::uint64_t>(count));
  for (const auto& [name, value] : attributes) {
    out.text(name);
    out.text(value);
  }
  return bytes;
}

std::optional<schema::Attributes> decode_attributes(std::string_view bytes) {
  ByteReader in(bytes);
  schema::Attributes attributes;
  for (auto left = in.count(); left > 0; --left) {
    const std::string_view name = in.text();
    attributes.set(name, in.text());
  }
  if (!in.finished()) return std::nullopt;
  return attributes;
}

std::string encode_follows(const std::vector<std::uint64_t>& epochs) {
  std::string bytes;
  ByteWriter out(bytes);
  out.unsigned_number(epochs.size());
  for (const std::uint64_t epoch : epochs) out.unsigned_number(epoch);
  return bytes;
}

std::optional<std::vector<std::uint64_t>> decode_follows(std::string_view bytes) {
  ByteReader in(bytes);
  std::vector<std::uint64_t> epochs;
  for (auto left = in.count(); left > 0; --left) epochs.push_back(in.unsigned_number());
  if (!in.finished()) return std::nullopt;
  return epochs;
}

std::string encode_position(const schema::Position& position) {
  std::string bytes;
  write_position(bytes, position.epoch);
  write_position(bytes, position.commit_lsn.value);
  write_position(bytes, static_cast<std::uint64_t>(position.ordinal) + (std::uint64_t{1} << 63));
  return bytes;
}

std::optional<schema::Position> decode_position(std::string_view bytes) {
  if (bytes.size() != 24) return std::nullopt;
  schema::Position position;
  position.epoch = read_position(bytes.substr(0, 8));
  position.commit_lsn.value = read_position(bytes.substr(8, 8));
  position.ordinal =
      static_cast<std::int64_t>(read_position(bytes.substr(16)) - (std::uint64_t{1} << 63));
  return position;
}

}  // namespace walpulse::monitor
