#pragma once

#include <functional>
#include <string>

#include "decoder/base/result.h"
#include "publisher/http/client.h"

namespace walpulse::monitor {

/// One value of Google's metadata server ("project/project-id"), within a second: on other machines
/// there is none (unavailable); timed_out where it is not ready yet. GCE_METADATA_HOST names
/// another (https://cloud.google.com/compute/docs/metadata/querying-metadata).
Result<std::string> read_metadata(http::Client& http, const std::string& path,
                                  const std::function<const char*(const char*)>& environment);

/// The last part of "projects/123/regions/europe-west1" or "projects/123/zones/europe-west1-b".
std::string location_of(const std::string& metadata_value);

}  // namespace walpulse::monitor
