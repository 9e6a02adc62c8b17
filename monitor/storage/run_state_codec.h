#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "monitor/ledger/timeline/run_state.h"
#include "monitor/storage/byte_codec.h"

/// The state among a run's bytes, and the formats of these.
namespace walpulse::monitor {

inline constexpr std::uint64_t kRunFormat = 6;
/// Counted no ends of blocks.
inline constexpr std::uint64_t kFifthRunFormat = 5;
/// Of a state did not know how it finished.
inline constexpr std::uint64_t kFourthRunFormat = 4;
/// Knew no execution dates, and of a state neither when it failed nor its trigger, slot and labels.
inline constexpr std::uint64_t kThirdRunFormat = 3;
/// Counted no failures by their cause.
inline constexpr std::uint64_t kSecondRunFormat = 2;
/// Had no arrivals and no changed keys either, and said when each waiting run was first seen.
inline constexpr std::uint64_t kFirstRunFormat = 1;

/// Mage's own as their number, any other as its text.
void write_status(ByteWriter& out, const std::optional<std::string>& status);
std::optional<std::string> read_status(ByteReader& in);

/// `timeline` is the run's, and must be there when its state is read: what the state says is
/// written as how it differs from what the entries say.
void write_state(ByteWriter& out, const RunState& state, const Timeline& timeline);
/// Of the second format and those that followed.
RunState read_state(ByteReader& in, const Timeline& timeline, std::uint64_t format);
/// Of the first format, where all stands by itself.
RunState read_first_state(ByteReader& in, const Timeline& timeline);

}  // namespace walpulse::monitor
