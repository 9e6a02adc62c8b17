#include "monitor/command/redrive.h"

#include <cstdio>
#include <nlohmann/json.hpp>

#include "decoder/base/clock.h"
#include "decoder/base/json_dom.h"
#include "decoder/base/logging.h"
#include "monitor/command/refuse.h"
#include "monitor/ledger/application/message.h"
#include "monitor/notify/alert_log.h"
#include "monitor/service/ledger_opening.h"

namespace walpulse::monitor {
namespace {

constexpr std::size_t kGroupMax = 100;

std::string line_of(const Redriven& message) {
  nlohmann::ordered_json json = {{"id", message.id},
                                 {"message_id", message.message_id},
                                 {"outcome", to_string(message.outcome)}};
  if (!message.reason.empty()) json["stays"] = message.reason;
  return dump_json(json);
}

}  // namespace

Result<RedriveTotals> redrive_all(RejectedMessages& messages, bool dry_run, Timestamp now,
                                  const std::function<void(const std::string&)>& print,
                                  const std::function<void(const SourceAlert&)>& notify) {
  RedriveTotals totals;
  std::int64_t after = 0;
  while (true) {
    auto rejected = messages.rejected(after, kGroupMax);
    if (!rejected) return forward(rejected);
    if (rejected->empty()) return totals;
    for (RejectedMessage& each : *rejected) read_message(each.message);
    const auto group = messages.redrive(*rejected, now, dry_run);
    if (!group) return forward(group);
    for (const Redriven& message : group->messages) {
      print(line_of(message));
      ++(message.reason.empty() ? totals.taken_out : totals.left);
      after = message.id;
    }
    if (dry_run) continue;
    for (const SourceAlert& alert : group->alerts) notify(alert);
  }
}

int redrive(const ServeOptions& options) {
  const auto ledger = open_existing_ledger(options);
  if (!ledger) return refuse(kExitUnavailable, to_string(ledger.error()));
  const auto totals = redrive_all(
      **ledger, options.dry_run, wall_clock(),
      [](const std::string& line) { std::printf("%s\n", line.c_str()); }, log_alert);
  if (!totals) return refuse(kExitUnavailable, to_string(totals.error()));
  SPDLOG_INFO("{} taken_out={} still_rejected={}",
              options.dry_run ? "dry run, nothing was changed" : "redriven", totals->taken_out,
              totals->left);
  return 0;
}

}  // namespace walpulse::monitor
