#include <nlohmann/json.hpp>
#include <utility>

#include "monitor/api/api_json.h"
#include "publisher/http/url_encoding.h"

namespace walpulse::monitor::api {

Links::Links(std::string mage_url) : mage_url_(std::move(mage_url)) {
  while (mage_url_.ends_with('/')) mage_url_.pop_back();
}

std::string Links::id(const std::string& source, const std::string& name) {
  return source + ':' + name;
}
std::string Links::id(const std::string& source, std::int64_t number) {
  return source + ':' + std::to_string(number);
}
std::string Links::url(std::string_view kind, const std::string& id) {
  return "/api/v1/" + std::string(kind) + '/' + http::percent_encoded(id);
}

Json Links::mage_path(const std::string& path) const {
  if (mage_url_.empty()) return nullptr;
  return mage_url_ + path;
}
Json Links::mage() const { return mage_path(""); }
Json Links::mage_pipeline(const std::string& pipeline) const {
  return mage_path("/pipelines/" + http::percent_encoded(pipeline));
}
Json Links::mage_run(const std::string& pipeline, std::int64_t run) const {
  return mage_path("/pipelines/" + http::percent_encoded(pipeline) + "/runs/" +
                   std::to_string(run));
}
Json Links::mage_logs(const std::string& pipeline, std::int64_t run) const {
  return mage_path("/pipelines/" + http::percent_encoded(pipeline) +
                   "/logs?pipeline_run_id%5B%5D=" + std::to_string(run));
}
Json Links::mage_trigger(const std::string& pipeline, std::int64_t trigger) const {
  return mage_path("/pipelines/" + http::percent_encoded(pipeline) + "/triggers/" +
                   std::to_string(trigger));
}

std::string Links::ending(std::int64_t run) const {
  return "Mage never ends it, since its trigger is gone. Cancel it: PUT " + mage_url_ +
         "/api/pipeline_runs/" + std::to_string(run) +
         " with {\"pipeline_run\": {\"status\": \"cancelled\"}}";
}

}  // namespace walpulse::monitor::api
