#pragma once

#include <optional>

#include "connector/catalog/catalog_facts.h"
#include "connector/options/options.h"
#include "decoder/base/result.h"

namespace walpulse::connector {

/// Which transactions are replayed: those whose commit lies in it, both ends included. Bounds that
/// are absent do not bind. Pure.
struct ReplayRange {
  std::optional<Lsn> from;  ///< Of the commit record.
  std::optional<Timestamp> from_time;
  std::optional<Lsn> until;
  std::optional<Timestamp> until_time;
  /// Where the log ended when the range was made: what is written later belongs to no range but
  /// that of `--follow`, where this is empty.
  std::optional<Lsn> log_end;

  bool holds(Lsn commit, Timestamp commit_time) const;
  /// Commits come in the order of their positions (not of their times): none from here on belongs.
  bool ends_before(Lsn commit) const;
  /// Reading may stop once every commit below this position was seen; empty: never.
  std::optional<Lsn> read_until() const;
};

/// What the bounds are held against.
struct ReplayFacts {
  CaptureIdentity identity;
  Lsn log_end;
  Timestamp now;  ///< The server's clock.
  Lsn oldest;     ///< Where the anchor stands: commits from there on can be read.
  std::optional<Timestamp> oldest_commit;  ///< Of the first transaction there, where it is known.
};

/// The range that the options ask for; rejected, in words that name the way out, where it cannot be
/// replayed whole. Pure.
Result<ReplayRange> resolve_range(const ReplayOptions& options, const ReplayFacts& facts);

/// X lies before what the anchor holds.
Error older_than_anchor(const std::string& asked, const ReplayFacts& facts);

}  // namespace walpulse::connector
