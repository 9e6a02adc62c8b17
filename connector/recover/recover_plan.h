#pragma once

#include <optional>
#include <string>
#include <vector>

#include "connector/command/setup_plan.h"

namespace walpulse::connector {

/// What `recover` will do: everything is dropped and made anew, in this order: anchor and slot go,
/// the publication is made anew under a provisional comment, then slot, anchor, a full snapshot of
/// the tables, and last the comment that lets captures in. Until that stands, whoever looks sees a
/// gap: a recover that was killed is run again.
struct RecoverPlan {
  std::optional<SetupRefusal> refusal;
  std::optional<CaptureIdentity> old;  ///< Empty: no comment tells.
  std::vector<std::string> found;      ///< What is wrong, one sentence each.
  std::vector<std::string> losses;
  std::vector<std::string> notes;
  SourceOptions source;              ///< With the name that the events get.
  std::vector<PlannedTable> tables;  ///< The first one first.
  std::uint64_t epoch_above = 0;
  std::vector<std::uint64_t> follows;  ///< The epochs that the new one takes the place of.
  bool drop_anchor = false;
  bool drop_slot = false;
  bool create_anchor = false;
};

/// Pure. `epoch_above` is what the operator knows of the old epoch, where its comment is gone.
RecoverPlan plan_recover(const SourceOptions& source, const SetupFacts& facts,
                         const ReplayWindow& window, std::uint64_t epoch_above);

/// What a person is told before anything is touched.
std::string explain(const RecoverPlan& plan, const std::string& sink);

/// A comment that keeps name, tables and epochs for the next attempt, but that no capture can take.
CaptureIdentity provisional(const RecoverPlan& plan, std::uint64_t epoch);

/// The publication dropped, made and commented in one go: one statement text, one transaction.
std::string renew_publication_sql(const RecoverPlan& plan, const CaptureIdentity& identity);

/// All but the snapshot, as a psql script for a DBA. Needs no connection.
std::string recover_script(const SourceOptions& source, std::chrono::milliseconds slot_timeout,
                           const ReplayWindow& window, std::uint64_t epoch_above);

}  // namespace walpulse::connector
