#include "connector/session/publication_drift.h"

#include <algorithm>
#include <cassert>

#include "connector/catalog/publication_state.h"
#include "publisher/database/sql_quote.h"

namespace walpulse::connector {
namespace {

constexpr const char* kOwnerChanged =
    "the publication has another owner, and whether it was altered before does not show "
    "(`walpulse-connector doctor` tells the way on where it was not)";

std::string called(const CapturedTable& table) {
  return "the table " + database::quote_table(table.name);
}

/// Whether the publication carries the table at all.
std::string absence(const CapturedTable& table, const TableCheck& check) {
  if (check.namesake) {
    return called(table) + " was made anew (oid " + std::to_string(check.namesake->value) +
           " instead of " + std::to_string(table.oid.value) +
           (check.called ? ", which is " + database::quote_table(*check.called) + " now"
                         : std::string()) +
           ")";
  }
  if (!check.called) return called(table) + " was dropped";
  if (!check.relation) return called(table) + " is no longer in the publication";
  return "";
}

/// Whether it carries all of the table, and did so all the time.
std::string shortage(const CapturedTable& table, const TableCheck& check) {
  if (check.row_filter) return "the publication filters rows of " + called(table);
  if (check.relation != table.publication_relation) {
    return called(table) + " left the publication and was added again";
  }
  return "";
}

/// The first table that this is so of.
std::string first_of(const CaptureIdentity& identity, const PublicationCheck& check,
                     std::string (*tell)(const CapturedTable&, const TableCheck&)) {
  assert(identity.tables.size() == check.tables.size());
  for (std::size_t i = 0; i < identity.tables.size(); ++i) {
    if (auto found = tell(identity.tables[i], check.tables[i]); !found.empty()) return found;
  }
  return "";
}

/// How the check differs from the identity; empty where it does not.
std::string difference(const CaptureIdentity& identity, const PublicationCheck& check,
                       bool watched) {
  if (!check.publication) return "the publication was dropped";
  const PublicationFacts& publication = *check.publication;
  // Dropping the publication drops its comment.
  if (!parse_comment(publication.comment.value_or(""))) {
    return "the publication lost walpulse's comment: it was dropped and made anew";
  }
  if (auto absent = first_of(identity, check, absence); !absent.empty()) return absent;
  if (!publication.all_operations()) return "the publication no longer publishes every operation";
  if (auto less = first_of(identity, check, shortage); !less.empty()) return less;
  if (owner_changed_last(identity, publication)) return watched ? "" : kOwnerChanged;
  if (altered(identity, publication)) return "the publication was altered";
  return "";
}

std::optional<PublicationDrift> drift_by(std::string what, const PublicationCheck& check) {
  if (what.empty()) return std::nullopt;
  return PublicationDrift{std::move(what) + "; from then on changes may be missing", check.wal_end};
}

}  // namespace

std::optional<PublicationDrift> publication_drift(const CaptureIdentity& identity,
                                                  const PublicationCheck& check) {
  return drift_by(difference(identity, check, false), check);
}

std::optional<PublicationDrift> drift_while_watched(const CaptureIdentity& seen,
                                                    const PublicationCheck& check) {
  return drift_by(difference(seen, check, true), check);
}

CaptureIdentity held_to(const CaptureIdentity& identity, const std::optional<Watched>& watched) {
  return watched && watched->identity == identity ? watched->seen : identity;
}

CaptureIdentity as_seen(const CaptureIdentity& identity, const PublicationCheck& check) {
  CaptureIdentity seen = identity;
  if (!check.publication) return seen;
  seen.publication_xmin = check.publication->xmin;
  seen.publication_owner = check.publication->owner_oid;
  return seen;
}

PublicationDrift replaced_at(Lsn commit, Oid by, const TableName& table) {
  return {"another table (oid " + std::to_string(by.value) + ") bears the captured one's name, " +
              database::quote_table(table) + "; what committed before " + to_string(commit) +
              " is delivered and confirmed, and nothing beyond",
          commit};
}

bool renewed(const CaptureIdentity& identity, const PublicationCheck& check) {
  if (!check.publication || !check.publication->comment) return false;
  const std::string& comment = *check.publication->comment;
  const auto now = parse_comment(comment);
  return now ? *now != identity : is_of_newer_version(comment);
}

void GapDrain::begin(PublicationDrift drift) {
  if (!drift_ || drift.wal_end < drift_->wal_end) drift_ = std::move(drift);
}

void GapDrain::transaction_began(Lsn commit) {
  open_ = true;
  commit_ = commit;
}

void GapDrain::committed(Lsn end) {
  open_ = false;
  sent_ = std::max(sent_, end);
}

void GapDrain::sent_up_to(Lsn position) {
  if (!open_) sent_ = std::max(sent_, position);
}

}  // namespace walpulse::connector
