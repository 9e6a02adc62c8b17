// The doctor's checks of the publication and of the identity in its comment.
#include <algorithm>

#include "connector/catalog/publication_state.h"
#include "connector/command/doctor_checks.h"
#include "connector/command/setup_plan.h"
#include "publisher/database/sql_quote.h"
#include "publisher/doctor/shell_command.h"

namespace walpulse::connector {
namespace {

using Level = Check::Level;
using doctor::joined;
using doctor::ok;

std::string operations(const PublicationFacts& publication) {
  std::vector<std::string> words;
  if (publication.inserts) words.push_back("insert");
  if (publication.updates) words.push_back("update");
  if (publication.deletes) words.push_back("delete");
  if (publication.truncates) words.push_back("truncate");
  return words.empty() ? "nothing" : joined(words);
}

/// What is wrong with the publication. Before setup its owner alters it; afterwards that would be
/// the next gap, and `recover` makes it anew with everything that hangs on it.
Check deviation(const DoctorFacts& facts, const char* name, Level level, const std::string& finding,
                const std::string& change) {
  if (is_set_up(facts)) return {name, level, finding, recover_remedy(facts)};
  return {name,
          level,
          finding,
          "ALTER PUBLICATION " + database::quote_identifier(facts.source.publication) + " SET " +
              change + ";",
          false,
          facts.publication->owner};
}

/// Of the tables that it publishes, or is to publish, those that belong to the capture.
std::string published_list(const DoctorFacts& facts) {
  std::string list = table_name(facts);
  for (const OtherTable& other : facts.others) {
    if (other.is_published()) {
      list += ", " + database::quote_table(other.table->schema, other.table->name);
    }
  }
  return list;
}

std::string as_the_publications_owner(const DoctorFacts& facts, const std::string& sql) {
  return doctor::psql_command(
      place_of(given_options(facts), facts.server.database, facts.publication->owner), sql);
}

std::string of_which(const DoctorFacts& facts) {
  return facts.other ? "of " + table_name(facts) + " " : "";
}

std::string to_the_tables(const DoctorFacts& facts) { return "TABLE " + published_list(facts); }

/// FOR ALL TABLES cannot be altered into a list; made for everything, it may serve others.
Check all_tables(const DoctorFacts& facts) {
  const std::string& name = facts.source.publication;
  Check check{"publication", Level::fail,
              name + " is FOR ALL TABLES: Mage's tables without a primary key refuse deletes then"};
  if (is_set_up(facts) || facts.slot) {
    check.remedy = recover_remedy(facts);
    return check;
  }
  check.finding += "; where others need it, take another one by --publication";
  check.remedy =
      as_the_publications_owner(facts, "DROP PUBLICATION " + database::quote_identifier(name)) +
      " && " + setup_remedy(facts);
  return check;
}

Check check_published_tables(const DoctorFacts& facts) {
  const PublicationFacts& publication = *facts.publication;
  const std::string& name = facts.source.publication;
  if (publication.all_tables) return all_tables(facts);
  if (!publication.publishes_table) {
    const std::string finding = name + " does not publish " + table_name(facts);
    return deviation(
        facts, "publication", Level::fail,
        // Without our comment it may serve somebody else.
        finding + (is_set_up(facts) ? ""
                                    : "; where it is somebody else's, take another one by "
                                      "--publication"),
        to_the_tables(facts));
  }
  const auto known = std::count_if(facts.others.begin(), facts.others.end(),
                                   [](const OtherTable& one) { return one.is_published(); });
  if (publication.other_relations > known) {
    return deviation(
        facts, "publication", Level::warn,
        name + " publishes other tables too, which cost WAL traffic and are dropped here",
        to_the_tables(facts));
  }
  return ok("publication", name + " publishes " + published_list(facts));
}

}  // namespace

/// Nothing is said of what is as it should be: the publication's own line says it.
void check_what_is_left_out(const DoctorFacts& facts, std::vector<Check>& checks) {
  const PublicationFacts& publication = *facts.publication;
  if (!publication.all_operations() && !facts.other) {
    checks.push_back(deviation(facts, "operations", Level::fail,
                               "publishes " + operations(publication) + " only",
                               "(publish = 'insert, update, delete, truncate')"));
  }
  if (publication.row_filter) {
    checks.push_back(deviation(facts, "row_filter", Level::fail,
                               of_which(facts) + "rows are filtered by " + *publication.row_filter +
                                   ": events are missing, and a filter outside the key makes the "
                                   "server refuse Mage's updates",
                               to_the_tables(facts)));
  }
  if (publication.column_list.empty()) return;
  const bool full = facts.table && facts.table->replica_identity == 'f';
  checks.push_back(deviation(
      facts, "column_list", full ? Level::fail : Level::warn,
      of_which(facts) + "only " + joined(publication.column_list) + " are published: " +
          (full ? "under REPLICA IDENTITY FULL the server refuses Mage's updates"
                : "DROP COLUMN and ALTER TYPE of a listed column, so Mage's own migrations, "
                  "are refused by the server"),
      to_the_tables(facts)));
}

namespace {

/// The owner alone can say so: the catalogs keep no older version of the publication.
std::string vouch_sql(const SourceOptions& source, CaptureIdentity identity,
                      const PublicationFacts& publication) {
  identity.publication_xmin = publication.xmin;
  identity.publication_owner = publication.owner_oid;
  return comment_sql(source, identity) + ";";
}

Check set_up_for_another(const DoctorFacts& facts, const CaptureIdentity& identity) {
  const TableName& table = identity.tables.front().name;
  return {"identity", Level::fail,
          "the publication was set up for " + database::quote_tables(identity.table_names()) +
              "; another table needs another --publication and --slot",
          RemedyCommand(Command::doctor, given_options(facts))
              .with("schema", table.schema)
              .with("table", table.name)
              .text()};
}

Check check_identity(const DoctorFacts& facts) {
  const auto gap = [&](const std::string& finding) {
    return Check{"identity", Level::fail, "a gap: " + finding, recover_remedy(facts)};
  };
  const std::string comment = facts.publication->comment.value_or("");
  const auto identity = parse_comment(comment);
  if (is_of_newer_version(comment)) {
    return {"identity", Level::fail, identity.error().message, identity.error().remedy};
  }
  if (!identity && !comment.empty()) {
    return {"identity", Level::fail,
            "the publication has a comment that is not walpulse's; where it is somebody else's, "
            "take another one by --publication",
            as_the_publications_owner(
                facts, "COMMENT ON PUBLICATION " +
                           database::quote_identifier(facts.source.publication) + " IS NULL") +
                " && " + setup_remedy(facts)};
  }
  if (!identity) {
    return {"identity", Level::fail, "the publication has no comment of walpulse's",
            setup_remedy(facts)};
  }
  if (identity->system_identifier != facts.server.system_identifier) {
    return gap(other_system(*identity));
  }
  const CapturedTable* captured = identity->find(event_name(facts));
  if (captured == nullptr) return set_up_for_another(facts, *identity);
  if (facts.table && captured->oid != facts.table->oid) {
    return gap("the table was made anew since setup");
  }
  if (facts.publication->relation &&
      *facts.publication->relation != captured->publication_relation) {
    return gap("the table left the publication and was added again since setup");
  }
  if (owner_changed_last(*identity, *facts.publication)) {
    auto check = gap("the publication has another owner since setup (" + facts.publication->owner +
                     "), and whether it was altered before does not show; where it was not, that "
                     "owner can say so");
    if (facts.publication->all_operations() && !facts.publication->row_filter) {
      check.otherwise = vouch_sql(facts.source, *identity, *facts.publication);
    }
    return check;
  }
  if (altered(*identity, *facts.publication)) {
    return gap("the publication was altered since setup: changes may be missing");
  }
  return ok("identity", "name " + identity->name + ", epoch " + std::to_string(identity->epoch));
}

}  // namespace

bool is_set_up(const DoctorFacts& facts) { return identity_in(facts.publication).has_value(); }

void check_publication(const DoctorFacts& facts, std::vector<Check>& checks) {
  if (!facts.publication) {
    checks.push_back({"publication", Level::fail,
                      "there is no publication " + facts.source.publication,
                      facts.slot ? recover_remedy(facts) : setup_remedy(facts)});
    return;
  }
  checks.push_back(check_published_tables(facts));
  check_what_is_left_out(facts, checks);
  checks.push_back(check_identity(facts));
}

}  // namespace walpulse::connector
