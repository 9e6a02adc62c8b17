#pragma once

#include <cstddef>
#include <span>
#include <string_view>

namespace walpulse::config {

/// How many letters have to be put in, left out, replaced, or swapped with their neighbour, to make
/// one text of the other; none is touched twice (the optimal string alignment).
std::size_t edit_distance(std::string_view a, std::string_view b);

/// The known word that was probably meant: the one that is spelled most like it (one slip in four
/// letters; case, and _ for -, are none), else one that begins as it does (`ledger-file`:
/// `ledger`), else one of which it is a word (`port`: `http-port`). Of equals the first; empty
/// where none is near.
std::string_view nearest(std::string_view given, std::span<const std::string_view> known);

}  // namespace walpulse::config
