#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "decoder/base/result.h"

namespace walpulse {

/// A position in the write-ahead log, in bytes. Prints as PostgreSQL does: "16/B374D848".
struct Lsn {
  std::uint64_t value = 0;
  auto operator<=>(const Lsn&) const = default;
};
std::string to_string(Lsn lsn);
/// Reads PostgreSQL's form "XXXXXXXX/XXXXXXXX" (1 to 8 hexadecimal digits on either side).
Result<Lsn> parse_lsn(std::string_view text);

struct Oid {
  std::uint32_t value = 0;
  auto operator<=>(const Oid&) const = default;
};

struct Xid {
  std::uint32_t value = 0;
  auto operator<=>(const Xid&) const = default;
};

}  // namespace walpulse
