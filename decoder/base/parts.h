#pragma once

#include <algorithm>
#include <cstddef>
#include <span>
#include <vector>

namespace walpulse {

/// What stands in `all` one after the other, in parts of at most `count_max`.
template <class T>
std::vector<std::span<T>> parts_of(std::span<T> all, std::size_t count_max) {
  std::vector<std::span<T>> parts;
  for (std::size_t begin = 0; begin < all.size(); begin += count_max)
    parts.push_back(all.subspan(begin, std::min(count_max, all.size() - begin)));
  return parts;
}

}  // namespace walpulse
