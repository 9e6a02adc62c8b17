// The doctor's checks of the tables beside the first.
#include <cstdio>

#include "connector/catalog/publication_state.h"
#include "connector/command/doctor_checks.h"
#include "publisher/database/sql_quote.h"

namespace walpulse::connector {
namespace {

using Level = Check::Level;
using doctor::joined;
using doctor::ok;

/// What was found of one of them, as the checks of a table read it.
DoctorFacts facts_of(const DoctorFacts& facts, const OtherTable& other) {
  DoctorFacts its = facts;
  its.other = other.name;
  its.table = other.table;
  its.publication = other.publication;
  its.role = other.capture;
  return its;
}

/// Why changes of a captured table are lost; empty: they are not.
std::string lost(const OtherTable& other, const CapturedTable& captured) {
  const std::string name = "the table " + database::quote_table(captured.name);
  if (!other.table) return name + " was dropped since setup";
  if (other.table->oid != captured.oid) return name + " was made anew since setup";
  if (!other.is_published()) return name + " is no longer in the publication";
  if (*other.publication->relation != captured.publication_relation) {
    return name + " left the publication and was added again since setup";
  }
  return "";
}

/// What is as it should be takes one line, the table's.
void check_captured(const DoctorFacts& its, std::vector<Check>& checks) {
  const auto push = [&](Check check) {
    if (check.level != Level::ok) checks.push_back(std::move(check));
  };
  checks.push_back(check_table(its));
  Check identity = as_the_owner(its, check_replica_identity(its));
  identity.finding = table_name(its) + ": " + identity.finding;
  push(std::move(identity));
  push(check_snapshot_privileges(its));
  check_row_security(its, checks);
  check_what_is_left_out(its, checks);
}

std::string tenths(double number) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f", number);
  return text;
}

/// What capturing the blocks costs, or would cost.
void check_blocks(const DoctorFacts& facts, std::vector<Check>& checks) {
  if (!facts.blocks || facts.blocks->run_count == 0) return;
  const BlockTraffic& traffic = *facts.blocks;
  const double per_run =
      static_cast<double>(traffic.change_count) / static_cast<double>(traffic.run_count);
  std::string finding = tenths(per_run) + " changes of block_run for each run";
  if (traffic.day_run_count) {
    const double a_day = per_run * static_cast<double>(*traffic.day_run_count);
    finding += ", " + std::to_string(*traffic.day_run_count) + " runs in the last day: some " +
               std::to_string(static_cast<long long>(a_day)) + " messages a day";
  }
  checks.push_back(ok("blocks", finding));
}

}  // namespace

void check_other_tables(const DoctorFacts& facts, std::vector<Check>& checks) {
  const auto identity = identity_in(facts.publication);
  std::vector<std::string> left_out;
  for (const OtherTable& other : facts.others) {
    const CapturedTable* captured = identity ? identity->find(other.name) : nullptr;
    if (captured == nullptr) {
      if (other.table) left_out.push_back(table_name(facts_of(facts, other)));
      continue;
    }
    if (const auto how = lost(other, *captured); !how.empty()) {
      checks.push_back({"table", Level::fail, "a gap: " + how, recover_remedy(facts)});
      continue;
    }
    check_captured(facts_of(facts, other), checks);
  }
  if (identity && !left_out.empty()) {
    checks.push_back(ok(
        "tables",
        joined(left_out) + " could be captured as well, which adds them: " + setup_remedy(facts)));
  }
  check_blocks(facts, checks);
}

}  // namespace walpulse::connector
