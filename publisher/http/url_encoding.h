#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace walpulse::http {

/// Everything but RFC 3986's unreserved characters as %XX.
std::string percent_encoded(std::string_view text);

/// application/x-www-form-urlencoded; pairs with an empty value are left out.
std::string form_of(const std::vector<std::pair<std::string_view, std::string_view>>& pairs);

}  // namespace walpulse::http
