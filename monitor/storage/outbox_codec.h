#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "monitor/ledger/stores/deliveries.h"
#include "monitor/ledger/stores/happenings.h"
#include "monitor/ledger/stores/notices.h"

namespace walpulse::monitor {

// Rows of the outbox as bytes, the same in every storage.

/// All but its id and source.
std::string encode_happening(const Happening& happening);
/// False where they do not read.
bool decode_happening(std::string_view bytes, Happening& happening);

/// All of a problem.
std::string encode_problem(const Problem& problem);
std::optional<Problem> decode_problem(std::string_view bytes);

/// Nothing where there is no such number.
std::optional<Notice::Phase> stored_phase(std::int64_t number);
std::optional<Delivery::Kind> stored_delivery_kind(std::int64_t number);
std::optional<Delivery::State> stored_delivery_state(std::int64_t number);

}  // namespace walpulse::monitor
