#include "connector/command/teardown_plan.h"

#include "connector/catalog/sql_quote.h"
#include "connector/command/human_bytes.h"

namespace walpulse::connector {
namespace {

TeardownPlan refuse(std::string message) {
  TeardownPlan plan;
  plan.refusal = std::move(message);
  return plan;
}

}  // namespace

TeardownPlan plan_teardown(const SourceOptions& source, const std::string& database,
                           const std::optional<PublicationFacts>& publication,
                           const std::optional<SlotState>& slot) {
  TeardownPlan plan;
  std::optional<CaptureIdentity> identity;
  if (publication) {
    if (auto parsed = parse_comment(publication->comment.value_or(""))) identity = *parsed;
    if (!identity) {
      return refuse("the publication " + source.publication +
                    " has no comment of walpulse's and is left alone, and so is the slot; if they "
                    "are yours: DROP PUBLICATION " +
                    quote_identifier(source.publication) + "; SELECT pg_drop_replication_slot(" +
                    quote_literal(source.slot) + ");");
    }
    if (!publication->owned) {
      return refuse("only its owner (" + publication->owner + ") may drop the publication " +
                    source.publication + ": give --admin-dsn");
    }
    plan.drop_publication = true;
    plan.loss += "the publication " + source.publication + " (name " + identity->name + ", epoch " +
                 std::to_string(identity->epoch) + ")";
  }
  if (!slot) return plan;
  if (slot->active) {
    return refuse("the slot " + source.slot + " is in use by pid " +
                  (slot->active_pid ? std::to_string(*slot->active_pid) : "?") +
                  ": stop that connector first");
  }
  // A walsender's slot of another program, or of this one in another database.
  if (slot->plugin != "pgoutput" || slot->database != database) {
    return refuse("the slot " + source.slot + " belongs to the database " + slot->database +
                  " (plugin " + slot->plugin + ") and is left alone");
  }
  plan.drop_slot = true;
  plan.loss += (plan.loss.empty() ? "" : " and ") + std::string("the slot ") + source.slot +
               (slot->lag_bytes
                    ? " with up to " + human_bytes(*slot->lag_bytes) + " of WAL not yet published"
                    : "");
  return plan;
}

}  // namespace walpulse::connector
