#include "monitor/ledger/application/told_from.h"

#include <algorithm>

#include "monitor/ledger/application/capture_as_of.h"
#include "monitor/ledger/timeline/watermark.h"

namespace walpulse::monitor {

ToldFrom told_from(Transaction& transaction, const Context& context, const SourceRow& source,
                   IntakeTime settle) {
  ToldFrom told;
  for (const SourceRow* table : capture_of(context, source)) {
    const Watermark mark = Watermark::decode(transaction.sources().watermark(table->id));
    told.named = told.named || mark.has_heard();
    if (!mark.knows_told_from(context.intake, settle)) continue;
    told.known = true;
    told.position = std::max(told.position, mark.told_from());
  }
  return told;
}

}  // namespace walpulse::monitor
