#pragma once

#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "monitor/ledger/stores/mutes.h"
#include "monitor/problems/problem.h"

namespace walpulse::monitor {

/// The pipeline that a problem is about; empty where it is the source's as a whole. Refers to
/// `finding`.
const std::string& pipeline_of(const Finding& finding);

/// Whether a mute is for this problem, whatever the time: by its id, or by the source, the pattern
/// and all of the labels. A pattern is for pipelines: what a source has as a whole (walpulse cannot
/// see it, its scheduler starts nothing) is muted by its id alone.
bool is_for(const Mute& mute, const Problem& problem);

/// The first of the mutes that is for it; null where none is. Pure.
const Mute* muted_by(const Problem& problem, std::span<const Mute> in_force);

/// What somebody asks for, as it was written.
struct MuteWish {
  std::string source;
  std::string pipeline;      ///< A pattern, or `SOURCE:PATTERN`.
  telemetry::Labels labels;  ///< Of a pipeline.
  std::string problem;       ///< The number, or `SOURCE:NUMBER`.
  std::string until;         ///< An instant, or "recovered".
  std::string lasts;         ///< "2h"
  std::string reason;
};

/// What is wrong with a wish: in which of its members, and what would be right.
struct MuteMistake {
  std::string_view member;  ///< As the API names it.
  std::string message;
  std::string_view example;
};

inline constexpr std::size_t kMuteReasonBytesMax = 500;

/// The mute that is wished for, as `created_by` wishes it at `now`; `open` are the problems that
/// are. None lasts longer than `lasts_max`, but until a problem is over. Pure.
tl::expected<Mute, MuteMistake> mute_of(const MuteWish& wish, const std::string& created_by,
                                        Timestamp now, std::chrono::milliseconds lasts_max,
                                        std::span<const Problem> open);

/// How a mute ends by itself, that nobody has ended: nothing where it goes on. It has run out, or
/// what it waits for is over: no problem that it is for is open any more.
inline constexpr std::string_view kRanOut = "ran out";
inline constexpr std::string_view kRecovered = "recovered";
struct MuteEnd {
  Timestamp ended;
  std::string_view by;  ///< kRanOut or kRecovered.
};
std::optional<MuteEnd> end_of(const Mute& mute, Timestamp now, std::span<const Problem> open);

/// The mute as somebody ends it; nothing where it is over already.
std::optional<Mute> lifted(const Mute& mute, const std::string& by, Timestamp now);

}  // namespace walpulse::monitor
