#include "monitor/command/sources.h"

#include <cstdio>
#include <nlohmann/json.hpp>

#include "decoder/base/json_dom.h"
#include "decoder/base/logging.h"
#include "monitor/command/refuse.h"
#include "monitor/service/ledger_opening.h"

namespace walpulse::monitor {
namespace {

std::string line_of(const KnownEpoch& epoch) {
  nlohmann::ordered_json json = {{"name", epoch.name},
                                 {"table", epoch.table},
                                 {"epoch", epoch.epoch},
                                 {"standing", epoch.standing}};
  if (epoch.system != 0) {
    json["system_identifier"] = std::to_string(epoch.system);
    json["database"] = epoch.database;
    json["publication"] = epoch.publication;
    json["follows"] = epoch.follows;
  }
  if (epoch.newest != Timestamp{}) json["newest_commit"] = to_rfc3339(epoch.newest);
  return dump_json(json);
}

}  // namespace

int sources(const ServeOptions& options) {
  if (!options.accept_name.empty()) {
    const auto ledger = open_existing_ledger(options);
    if (!ledger) return refuse(kExitUnavailable, to_string(ledger.error()));
    const auto accepted = (*ledger)->accept_epoch(options.accept_name, options.accept_epoch);
    if (!accepted) return refuse(kExitUnavailable, to_string(accepted.error()));
    if (*accepted == 0)
      return refuse(kExitFailed, "no epoch " + std::to_string(options.accept_epoch) + " of " +
                                     options.accept_name +
                                     " is to be taken in: see walpulse-monitor sources list");
    SPDLOG_INFO("accepted: walpulse-monitor redrive counts what was rejected meanwhile tables={}",
                *accepted);
  }
  const auto reader = read_ledger(options);
  if (!reader) return refuse(kExitUnavailable, to_string(reader.error()));
  const auto known = (*reader)->epochs();
  if (!known) return refuse(kExitUnavailable, to_string(known.error()));
  for (const KnownEpoch& epoch : *known) std::printf("%s\n", line_of(epoch).c_str());
  return 0;
}

}  // namespace walpulse::monitor
