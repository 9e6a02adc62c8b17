#pragma once

#include <string>
#include <string_view>

#include "decoder/base/timestamp.h"
#include "monitor/ledger/mute_ledger.h"
#include "publisher/http/server.h"

namespace walpulse::monitor {

/// The id of /api/v1/deliveries/{id}/retry; empty for another path.
std::string_view retried_delivery(std::string_view path);

/// What POST to it is answered. Blocks on the ledger.
http::ServerResponse retry_delivery(PageLedger& ledger, std::string_view id,
                                    const std::string& caller, Timestamp now);

}  // namespace walpulse::monitor
