#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "decoder/base/timestamp.h"
#include "decoder/schema/change_event.h"
#include "monitor/storage/byte_codec.h"

/// The fields that bodies of rows are made of.
namespace walpulse::monitor {

inline std::int64_t ticks(Timestamp instant) { return instant.time_since_epoch().count(); }
inline Timestamp instant(std::int64_t ticks) { return Timestamp(std::chrono::microseconds(ticks)); }
/// Differences wrap around, so that the infinities have one too.
inline std::int64_t difference(std::int64_t a, std::int64_t b) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) - static_cast<std::uint64_t>(b));
}
inline std::int64_t sum(std::int64_t a, std::int64_t b) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) + static_cast<std::uint64_t>(b));
}

inline void write_instant(ByteWriter& out, const std::optional<Timestamp>& value,
                          Timestamp relative_to) {
  out.unsigned_number(value.has_value());
  if (value) out.number(difference(ticks(*value), ticks(relative_to)));
}
inline std::optional<Timestamp> read_instant(ByteReader& in, Timestamp relative_to) {
  if (in.unsigned_number() == 0) return std::nullopt;
  return instant(sum(in.number(), ticks(relative_to)));
}

/// An instant that is mostly near `base`.
inline void write_near(ByteWriter& out, Timestamp value, Timestamp base) {
  out.number(difference(ticks(value), ticks(base)));
}
inline Timestamp read_near(ByteReader& in, Timestamp base) {
  return instant(sum(in.number(), ticks(base)));
}

inline void write_id(ByteWriter& out, const std::optional<std::int64_t>& id) {
  out.unsigned_number(id.has_value());
  if (id) out.number(*id);
}
inline std::optional<std::int64_t> read_id(ByteReader& in) {
  if (in.unsigned_number() == 0) return std::nullopt;
  return in.number();
}

inline void write_text(ByteWriter& out, const std::optional<std::string>& text) {
  out.unsigned_number(text.has_value());
  if (text) out.text(*text);
}
inline std::optional<std::string> read_text(ByteReader& in) {
  if (in.unsigned_number() == 0) return std::nullopt;
  return std::string(in.text());
}

inline void write_position(ByteWriter& out, const schema::Position& position) {
  out.unsigned_number(position.epoch);
  out.unsigned_number(position.commit_lsn.value);
  out.number(position.ordinal);
}
inline schema::Position read_position(ByteReader& in) {
  schema::Position position;
  position.epoch = in.unsigned_number();
  position.commit_lsn.value = in.unsigned_number();
  position.ordinal = in.number();
  return position;
}

}  // namespace walpulse::monitor
