#pragma once

#include "decoder/base/types.h"

/// The pg_type.oid values that walpulse treats specially. They are fixed in PostgreSQL's
/// src/include/catalog/pg_type.dat; every other type passes as text.
namespace walpulse {

/// No type has it: stands for one that cannot be told any more.
inline constexpr Oid kUnknownOid{0};
/// From here on types are a database's own; below, an OID is the same type everywhere.
inline constexpr Oid kFirstOwnOid{10000};

inline constexpr Oid kBoolOid{16};
inline constexpr Oid kInt8Oid{20};
inline constexpr Oid kInt2Oid{21};
inline constexpr Oid kInt4Oid{23};
inline constexpr Oid kTextOid{25};
inline constexpr Oid kJsonOid{114};
inline constexpr Oid kJsonArrayOid{199};
inline constexpr Oid kTimestamptzOid{1184};
inline constexpr Oid kJsonbOid{3802};
inline constexpr Oid kJsonbArrayOid{3807};

constexpr bool is_integer(Oid type) {
  return type == kInt4Oid || type == kInt8Oid || type == kInt2Oid;
}
constexpr bool is_json(Oid type) {
  return type == kJsonOid || type == kJsonbOid || type == kJsonArrayOid || type == kJsonbArrayOid;
}

}  // namespace walpulse
