#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "decoder/base/result.h"
#include "decoder/base/table_name.h"
#include "decoder/base/types.h"

namespace walpulse::connector {

/// A table of a capture, as it was when the capture began.
struct CapturedTable {
  TableName name;            ///< Event ids hold it, and it tells a wrong flag from one made anew.
  Oid oid;                   ///< pg_class.oid.
  Oid publication_relation;  ///< pg_publication_rel.oid.
  bool operator==(const CapturedTable&) const = default;
};

/// What every capture and replay of one source must agree on. Stands as JSON in the publication's
/// comment, where whoever can connect can read it. `setup` writes it last, as the owner (the
/// capture role may not comment): a publication that has a comment but no live slot is a gap. A
/// comment lives in pg_description, so writing it leaves pg_publication.xmin as it is.
struct CaptureIdentity {
  std::string name;         ///< The source's name in every event id.
  std::uint64_t epoch = 0;  ///< Raised by `recover`; keeps a restored database's events apart.
  std::uint64_t system_identifier = 0;  ///< IDENTIFY_SYSTEM; another one is another cluster.
  Xid publication_xmin;                 ///< pg_publication.xmin when the epoch began.
  std::vector<CapturedTable> tables;    ///< At least one; heartbeats are called after the first.
  std::string database{};   ///< Its name at setup, in every event; empty: as it is called now.
  Oid publication_owner{};  ///< pg_publication.pubowner then; 0: unknown.
  /// The epochs that `recover` replaced, newest last: which histories this one goes on.
  std::vector<std::uint64_t> follows{};
  bool operator==(const CaptureIdentity&) const = default;
  /// Left by a `recover` that did not get to its end: no system has the identifier 0, so that
  /// whoever looks sees a gap. It keeps the name, and an epoch that the next attempt rises above.
  bool provisional() const { return system_identifier == 0; }
  /// Null where no table was captured under this name.
  const CapturedTable* find(const TableName& name) const;
  std::vector<TableName> table_names() const;
};

/// Whether `now` is the capture of `before` with further tables, which `setup` added.
bool grew(const CaptureIdentity& before, const CaptureIdentity& now);

/// For people: "public.pipeline_run", several with commas between them.
std::string table_list(const CaptureIdentity& identity);

/// How it came that the comment names another system than this one.
std::string other_system(const CaptureIdentity& identity);

/// What an identity says that takes the place of `old`; at most schema::kFollowsMax epochs.
std::vector<std::uint64_t> followed_by_next(const CaptureIdentity& old);

/// Of one table: version 1 of the comment, the only one that connectors before version 2 read, so
/// that a capture of one table can go back to them. Of several: version 2, which those refuse.
std::string to_comment(const CaptureIdentity& identity);
/// Reads both versions. Malformed where the comment is not walpulse's, or of a version to come.
Result<CaptureIdentity> parse_comment(std::string_view comment);
/// Whether a walpulse newer than this one wrote it.
bool is_of_newer_version(std::string_view comment);

}  // namespace walpulse::connector
