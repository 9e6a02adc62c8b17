#pragma once

#include <cstddef>
#include <string>

namespace walpulse::schema {

/// Mage's names have 255 characters at most, so hardly one has more bytes. Three of these are less
/// than a row of PostgreSQL's indexes holds (2,704 bytes).
inline constexpr std::size_t kNameBytesMax = 800;

/// `text` itself where it has no more than kNameBytesMax, else its beginning, "~" and a digest of
/// all of it: two that begin alike stay two. Of what names something, never of values.
std::string bounded_name(std::string text);

}  // namespace walpulse::schema
