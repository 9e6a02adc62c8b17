#include "monitor/notify/mage_link.h"

#include "publisher/http/url_encoding.h"

namespace walpulse::monitor {

std::string run_link(const std::string& mage_url, const std::string& pipeline,
                     const std::string& run) {
  std::string base = mage_url;
  while (base.ends_with('/')) base.pop_back();
  return base + "/pipelines/" + http::percent_encoded(pipeline) + "/runs/" +
         http::percent_encoded(run);
}

}  // namespace walpulse::monitor
