#include "monitor/export/metadata_server.h"

#include <algorithm>

namespace walpulse::monitor {

Result<std::string> read_metadata(http::Client& http, const std::string& path,
                                  const std::function<const char*(const char*)>& environment) {
  const char* host = environment("GCE_METADATA_HOST");
  http::Request request;
  request.method = http::Method::get;
  request.url = "http://" +
                std::string(host != nullptr && *host != '\0' ? host : "metadata.google.internal") +
                "/computeMetadata/v1/" + path;
  request.headers = {"Metadata-Flavor: Google"};
  request.timeout = std::chrono::milliseconds(1000);
  auto response = http.send(request);
  if (!response) return tl::unexpected<Error>(response.error());
  // Whoever else answers there does not know this header.
  const bool google = std::find(response->headers.begin(), response->headers.end(),
                                std::pair<std::string, std::string>("metadata-flavor", "Google")) !=
                      response->headers.end();
  if (google && response->status >= 500) {
    return fail(ErrorKind::timed_out, "the metadata server is not ready: " + path);
  }
  if (response->status != 200 || !google) {
    return fail(ErrorKind::rejected, "no such value on the metadata server: " + path);
  }
  return std::move(response->body);
}

std::string location_of(const std::string& metadata_value) {
  return metadata_value.substr(metadata_value.rfind('/') + 1);
}

}  // namespace walpulse::monitor
