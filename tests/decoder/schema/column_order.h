#pragma once

#include <string_view>
#include <vector>

namespace walpulse::schema {

/// One order of all the names in which each of `chains` keeps its own, so that a document whose
/// rows and lists each name only some columns can be written again as it was. Where the chains
/// contradict each other (none of ours do), the earlier chain wins.
std::vector<std::string_view> merge_orders(
    const std::vector<std::vector<std::string_view>>& chains);

}  // namespace walpulse::schema
