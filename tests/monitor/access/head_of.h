#pragma once

#include <strings.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "publisher/http/server.h"

namespace walpulse::monitor {

using Headers = std::vector<std::pair<std::string, std::string>>;

/// A request's head with these headers, which must outlive it.
inline http::RequestHead head_of(const Headers& headers, std::string_view method = "GET",
                                 std::string_view path = "/api/v1/problems") {
  return {method, path, [&headers](const char* name) {
            std::vector<std::string_view> found;
            for (const auto& [key, value] : headers)
              if (::strcasecmp(key.c_str(), name) == 0) found.push_back(value);
            return found;
          }};
}

}  // namespace walpulse::monitor
