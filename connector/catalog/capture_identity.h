#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "decoder/schema/result.h"
#include "decoder/schema/types.h"

namespace walpulse::connector {

/// What every capture and replay of one table must agree on. Stands as JSON in the publication's
/// comment, where whoever can connect can read it. `setup` writes it last: a publication that has a
/// comment but no live slot is a gap.
struct CaptureIdentity {
  std::string name;         ///< The source's name in every event id.
  std::uint64_t epoch = 0;  ///< Raised by `recover`; keeps a restored database's events apart.
  std::uint64_t system_identifier = 0;  ///< IDENTIFY_SYSTEM; another one is another cluster.
  Oid table;                            ///< pg_class.oid of the captured table.
  Oid publication_relation;             ///< pg_publication_rel.oid.
  Xid publication_xmin;                 ///< pg_publication.xmin when the epoch began.
  bool operator==(const CaptureIdentity&) const = default;
};

std::string to_comment(const CaptureIdentity& identity);
/// Malformed where the comment is not walpulse's.
Result<CaptureIdentity> parse_comment(std::string_view comment);

}  // namespace walpulse::connector
