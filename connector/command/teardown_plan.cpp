#include "connector/command/teardown_plan.h"

#include "connector/command/report_text.h"
#include "publisher/database/sql_quote.h"

namespace walpulse::connector {
namespace {

TeardownPlan refused_plan(Error error) {
  TeardownPlan plan;
  plan.refusal = std::move(error);
  return plan;
}

std::string and_if(const std::string& loss) { return loss.empty() ? "" : " and "; }

std::optional<Error> refusal(const std::string& name, const std::string& database,
                             const SlotState& slot) {
  if (slot.active) {
    return Error{ErrorKind::rejected,
                 "the slot " + name + " is in use by pid " +
                     (slot.active_pid ? std::to_string(*slot.active_pid) : "?"),
                 "stop that connector first"};
  }
  // A walsender's slot of another program, or of this one in another database.
  if (slot.plugin != "pgoutput" || slot.database != database) {
    return Error{ErrorKind::rejected, "the slot " + name + " belongs to the database " +
                                          slot.database + " (plugin " + slot.plugin +
                                          ") and is left alone"};
  }
  return std::nullopt;
}

}  // namespace

TeardownPlan plan_teardown(const GivenOptions& given, const std::string& database,
                           const std::optional<PublicationFacts>& publication,
                           const std::optional<SlotState>& slot,
                           const std::optional<SlotState>& anchor) {
  const SourceOptions& source = given.source;
  TeardownPlan plan;
  std::optional<CaptureIdentity> identity;
  if (publication) {
    if (auto parsed = parse_comment(publication->comment.value_or(""))) identity = *parsed;
    if (!identity) {
      return refused_plan(
          {ErrorKind::rejected,
           "the publication " + source.publication +
               " has no comment of walpulse's and is left alone, and so is the slot",
           "if they are yours: DROP PUBLICATION " + database::quote_identifier(source.publication) +
               ";" +
               (slot ? " SELECT pg_catalog.pg_drop_replication_slot(" +
                           database::quote_literal(source.slot) + ");"
                     : "")});
    }
    if (!publication->owned) {
      return refused_plan({ErrorKind::rejected,
                           "only its owner (" + publication->owner + ") may drop the publication " +
                               source.publication,
                           RemedyCommand(Command::teardown, given)
                               .as_owner_only(publication->owner, database)
                               .text()});
    }
    plan.drop_publication = true;
    plan.loss += "the publication " + source.publication + " (name " + identity->name + ", epoch " +
                 std::to_string(identity->epoch) + ")";
  }
  for (const auto& [name, state] :
       {std::pair(anchor_slot(source), &anchor), std::pair(source.slot, &slot)}) {
    if (!*state) continue;
    if (auto why = refusal(name, database, **state)) return refused_plan(std::move(*why));
  }
  if (anchor) {
    plan.drop_anchor = true;
    plan.loss +=
        and_if(plan.loss) + "the anchor " + anchor_slot(source) + " with the history to replay";
  }
  if (slot) {
    plan.drop_slot = true;
    plan.loss += and_if(plan.loss) + "the slot " + source.slot +
                 (slot->lag_bytes
                      ? " with up to " + human_bytes(*slot->lag_bytes) + " of WAL not yet published"
                      : "");
  }
  return plan;
}

}  // namespace walpulse::connector
