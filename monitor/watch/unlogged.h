#pragma once

#include <string>
#include <string_view>

#include "monitor/ledger/stores/storage.h"
#include "monitor/problems/news.h"

/// What was kept in the ledger and may not stand in the log yet, as short text beside it: a leader
/// may be cut off between the two.
namespace walpulse::monitor {

/// "o12 f13 c7": opened, found, closed, each with the problem's id. Pure.
std::string unlogged_text(const ProblemNews& news);

/// The problems that such a text names, as the ledger knows them now. What is kept no more is left
/// out, and so is what cannot be read.
ProblemNews read_unlogged(Transaction& in, std::string_view text);

}  // namespace walpulse::monitor
