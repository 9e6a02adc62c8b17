#pragma once

#include <optional>
#include <string>
#include <vector>

#include "connector/catalog/catalog.h"
#include "connector/options/options.h"
#include "connector/session/failure.h"
#include "decoder/schema/change_event.h"

namespace walpulse::connector {

/// What a snapshot, which is of one table, stands on.
struct SnapshotFacts {
  ServerFacts server;
  CaptureIdentity identity;
  CapturedTable captured;  ///< Under the name that events call it.
  /// As it is called now: the columns that the stream carries, with the primary key marked and what
  /// their types are underneath.
  schema::Table table;
  std::size_t key = 0;  ///< Which of them is the primary key.
  std::uint64_t row_estimate = 0;
  std::optional<std::int64_t> least_id;  ///< Within what was asked for; empty: no row there.
  std::optional<std::int64_t> greatest_id;
};

/// What the catalogs say before anything is decided.
struct SnapshotQuestions {
  ServerFacts server;
  CaptureIdentity identity;
  CapturedTable captured;  ///< The wanted one; of no OID where the identity has none of the name.
  RoleFacts role;
  std::optional<TableFacts> table;
  PublicationCheck publication;
  std::vector<std::string> column_list;  ///< Empty: all columns are published.
  BaseTypes types;
};

/// Why no snapshot can be taken: a gap, a standby that cannot make a slot (before 16), a missing
/// right (with the GRANT), a primary key that is not one integer. Pure.
std::optional<Failure> snapshot_problem(const SourceOptions& source,
                                        const SnapshotQuestions& found);

/// Asks the catalogs, refuses what snapshot_problem() does and a --where that is no condition.
/// `known` takes the place of what the publication's comment says.
tl::expected<SnapshotFacts, Failure> snapshot_facts(
    const SourceOptions& source, const SnapshotOptions& options,
    const std::optional<CaptureIdentity>& known = std::nullopt);

}  // namespace walpulse::connector
