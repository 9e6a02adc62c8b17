#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "monitor/ledger/stores/notices.h"

namespace walpulse::monitor::messages {

/// How a problem stands once all that waited of it is taken together.
struct Standing {
  enum class What : std::uint8_t {
    opened,    ///< Nobody was told of it yet.
    again,     ///< It was told, was over for a moment, and is open.
    repeated,  ///< It was told, and is open.
    unmuted,   ///< It is open, and nobody mutes it any more.
    found,     ///< It was open at the first look.
    closed,    ///< It was told, and is over.
    flapped,   ///< Nobody was told; it came and went often, and is over.
  };
  What what = What::opened;
  const Notice* first = nullptr;  ///< Of those that waited.
  const Notice* last = nullptr;   ///< It says how the problem is now.
  std::size_t openings = 0;       ///< Among those that waited.
  const Problem& problem() const { return last->problem; }
  bool is_over() const { return what == What::closed || what == What::flapped; }
};

/// So many openings while a message waited are told as what they are.
inline constexpr std::size_t kFlapsMin = 3;

/// One for each problem that is to be told, in the order of its first notice. What began and was
/// over before anybody heard of it is not, unless it did so kFlapsMin times. Problems of one
/// identity are one. Refers to `notices`, which may be in any order. Pure.
std::vector<Standing> standings_of(std::span<const Notice> notices);

}  // namespace walpulse::monitor::messages
