#pragma once

#include <optional>
#include <string>

#include "connector/catalog/catalog_facts.h"

namespace walpulse::connector {

/// Since some moment the log holds no longer every change of every captured table. A publication
/// loses a table without a word: rows go missing while keepalives go on.
struct PublicationDrift {
  std::string what;  ///< For humans: how it shows.
  Lsn wal_end;       ///< It happened before this position.
};

/// Holds the check to what the comment says of the epoch's beginning: each table's OID, the
/// publication's row for it, the publication's own version (so that "off and on again" shows too),
/// every operation, no row filter. What is of one table names it. No drift is what the table is
/// called, unless another one bears its name, nor what its columns are. Pure.
std::optional<PublicationDrift> publication_drift(const CaptureIdentity& identity,
                                                  const PublicationCheck& check);

/// The same where `seen` is how the publication was found a moment ago: then a new owner is none.
/// Unwatched it is: behind it the publication may have been off and on again. Pure.
std::optional<PublicationDrift> drift_while_watched(const CaptureIdentity& seen,
                                                    const PublicationCheck& check);

/// The identity with the publication's version and owner as the check saw them: what a later check
/// is held to, where this one found no drift. Pure.
CaptureIdentity as_seen(const CaptureIdentity& identity, const PublicationCheck& check);

/// How a session's watch saw the publication last.
struct Watched {
  CaptureIdentity identity;  ///< As the comment says.
  CaptureIdentity seen;      ///< as_seen() of it.
};

/// What an unwatched check is held to: what was seen last under this very comment, or the comment.
CaptureIdentity held_to(const CaptureIdentity& identity, const std::optional<Watched>& watched);

/// Another table, `by`, bears the name of the captured `table` in the transaction that commits at
/// `commit`.
PublicationDrift replaced_at(Lsn commit, Oid by, const TableName& table);

/// Whether the comment is walpulse's and names another identity: `recover` or `setup` ran (maybe
/// those of a newer walpulse), and everything is to be found anew. Pure.
bool renewed(const CaptureIdentity& identity, const PublicationCheck& check);

/// What is left of a stream after a drift: transactions that committed before its end are
/// delivered and confirmed, no keepalive is adopted, then it is over. Pure.
class GapDrain {
 public:
  /// The one that ends first counts.
  void begin(PublicationDrift drift);
  /// Transactions come in the order of their commits: everything that committed before was sent.
  void transaction_began(Lsn commit);
  void committed(Lsn end);
  /// A keepalive's position. Within a transaction it may cover what is still to come of it.
  void sent_up_to(Lsn position);

  /// Where the transaction at hand commits.
  Lsn commit() const { return commit_; }
  bool begun() const { return drift_.has_value(); }
  /// Nothing more is to be read.
  bool complete() const { return begun() && (open_ ? commit_ : sent_) >= drift_->wal_end; }
  const PublicationDrift& publication_drift() const { return *drift_; }

 private:
  std::optional<PublicationDrift> drift_;
  Lsn sent_;    ///< Everything before it was.
  Lsn commit_;  ///< Where the open transaction commits.
  bool open_ = false;
};

}  // namespace walpulse::connector
