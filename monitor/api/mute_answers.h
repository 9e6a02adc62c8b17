#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "decoder/base/timestamp.h"
#include "monitor/ledger/mute_ledger.h"
#include "monitor/watch/muting.h"
#include "publisher/http/server.h"

namespace walpulse::monitor {

inline constexpr std::string_view kMutesPath = "/api/v1/mutes";
/// A wish has some hundred bytes.
inline constexpr std::size_t kMuteBodyBytesMax = 16 << 10;

/// The body of POST /api/v1/mutes. A member that is not known is wrong, never ignored.
tl::expected<MuteWish, MuteMistake> read_mute_wish(std::string_view body);

/// What writes to mutes are answered, as openapi.yaml has it. `caller` is who does it: no body says
/// that. Blocks on the ledger.
http::ServerResponse create_mute(PageLedger& ledger, std::string_view body,
                                 const std::string& caller, Timestamp now,
                                 std::chrono::milliseconds lasts_max);
/// `id` as it stands in the path.
http::ServerResponse end_mute(PageLedger& ledger, std::string_view id, const std::string& caller,
                              Timestamp now);

}  // namespace walpulse::monitor
