#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "monitor/ledger/stores/deliveries.h"
#include "monitor/ledger/stores/happenings.h"
#include "monitor/ledger/stores/notices.h"

namespace walpulse::monitor {

// Rows of the outbox as bytes, the same in every storage.

/// What one row holds: happenings of one source.
struct HappeningRow {
  std::int64_t source = 0;
  std::int64_t count = 0;
  std::string body;
};
/// By rising source.
std::vector<HappeningRow> happening_rows(std::span<const Happening> happenings);
/// Appends what the row `id` of `source` holds. False where it does not read.
bool read_happenings(std::string_view body, std::int64_t id, std::int64_t source,
                     std::vector<Happening>& into);

/// All of a problem.
std::string encode_problem(const Problem& problem);
std::optional<Problem> decode_problem(std::string_view bytes);

/// Nothing where there is no such number.
std::optional<Notice::Phase> stored_phase(std::int64_t number);
std::optional<Delivery::Kind> stored_delivery_kind(std::int64_t number);
std::optional<Delivery::State> stored_delivery_state(std::int64_t number);

}  // namespace walpulse::monitor
