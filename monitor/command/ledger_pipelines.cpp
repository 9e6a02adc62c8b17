#include "monitor/command/ledger_pipelines.h"

#include "decoder/base/clock.h"
#include "monitor/command/known_pipelines.h"
#include "monitor/service/ledger_opening.h"

namespace walpulse::monitor {

Result<LedgerPipelines> ledger_pipelines(const ServeOptions& options) {
  const auto ledger = read_ledger(options);
  if (!ledger) return forward(ledger);
  LedgerReader& reader = **ledger;
  const Timestamp now = wall_clock();
  const auto series = reader.snapshot(now);
  if (!series) return forward(series);
  const auto triggers = reader.triggers();
  if (!triggers) return forward(triggers);
  return LedgerPipelines{known_pipelines(*series, *triggers, now), tells_all_pipelines(*series)};
}

}  // namespace walpulse::monitor
