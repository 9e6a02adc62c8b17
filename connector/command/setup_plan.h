#pragma once

#include <optional>
#include <string>
#include <vector>

#include "connector/catalog/catalog_facts.h"
#include "connector/command/remedy_command.h"
#include "connector/options/options.h"
#include "decoder/base/result.h"

namespace walpulse::connector {

/// One of the tables beside the first that are wanted or captured.
struct OtherTable {
  TableName name;                   ///< As it is wanted, or was captured.
  std::optional<TableFacts> table;  ///< Empty: there is none.
  std::optional<PublicationFacts> publication{};
  RoleFacts capture{};
  RoleFacts admin{};
  /// The publication names it.
  bool is_published() const { return publication && publication->relation; }
};

/// What `setup` found before it touches anything.
struct SetupFacts {
  Command command = Command::setup;  ///< For remedies, as is `given`.
  GivenOptions given;
  ServerFacts server;        ///< As the capture role sees it.
  ServerFacts admin_server;  ///< As the owner does: must be the same database.
  RoleFacts capture;
  RoleFacts admin;
  std::optional<TableFacts> table;
  std::vector<OtherTable> others;  ///< The captured ones first.
  std::vector<std::string> schemas_with_table;
  std::optional<PublicationFacts> publication;
  std::vector<Capture> captures;  ///< All of the database, this one's too.
  std::optional<SlotState> slot;
  std::optional<SlotState> anchor;
};

struct SetupRefusal {
  Error error;
  int exit_code = 1;  ///< 3 for a gap.
};

/// A table that is to be captured.
struct PlannedTable {
  TableName name;
  Oid oid;
  std::string called;  ///< In quotes, by the name that it has now.
  bool operator==(const PlannedTable&) const = default;
};

/// What is left to do, in this order: publication, slot, anchor, comment. The comment comes last:
/// once it stands, a publication without its slot is a gap.
struct SetupPlan {
  std::optional<SetupRefusal> refusal;
  std::optional<CaptureIdentity> identity;  ///< Of the capture that is there.
  std::vector<PlannedTable> tables;         ///< Captured in the end, the first one first.
  std::vector<PlannedTable> publish;        ///< That a publication that is there lacks.
  std::vector<PlannedTable> added;          ///< Not captured so far: their rows are to be read.
  bool create_publication = false;
  bool create_slot = false;
  bool drop_anchor = false;  ///< It is lost, or older than the slot to be made.
  bool create_anchor = false;
  bool write_comment = false;
  std::vector<std::string> found;  ///< What is there already, one sentence each.
  std::vector<std::string> notes;  ///< Advice; statements for the DBA stand on their own lines.
  bool nothing() const {
    return !create_publication && !create_slot && !create_anchor && !write_comment && added.empty();
  }
};

/// Pure. Setting up twice plans nothing the second time.
SetupPlan plan_setup(const SourceOptions& source, const SetupFacts& facts,
                     const ReplayWindow& window = {});

/// The epoch of a slot that exists since `now`: the next full second, so that no run made before
/// the slot is newer than its epoch; greater than every earlier epoch of this publication.
std::uint64_t next_epoch(Timestamp now, std::uint64_t old_epoch);

/// `tables` as in database::quote_tables().
std::string create_publication_sql(const std::string& publication, const std::string& tables);
/// Their names in quotes, with commas between them.
std::string called_list(const std::vector<PlannedTable>& tables);
std::string comment_sql(const SourceOptions& source, const CaptureIdentity& identity);

/// The SQL that turns an identity, as a JSON expression with its tables, into what to_comment()
/// makes of it: of one table version 1.
std::string comment_form_sql(const std::string& identity);

/// All that capture needs, as a psql script for a DBA: the role with its password and rights, the
/// server's parameters, publication, slots and identity. Needs no connection: the script itself
/// looks at what is there, says what is left to somebody else, and may be repeated.
std::string setup_script(const GivenOptions& given, std::chrono::milliseconds slot_timeout);

}  // namespace walpulse::connector
