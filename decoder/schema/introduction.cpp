#include "decoder/schema/introduction.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "decoder/base/json_dom.h"
#include "decoder/base/json_object.h"
#include "decoder/base/utf8.h"
#include "decoder/schema/change_event.h"

namespace walpulse::schema {
namespace {

using Json = nlohmann::ordered_json;

/// Many times what a connector sends.
constexpr std::size_t kIntroductionBytesMax = 16 << 10;

Introduction read_introduction(JsonObject& in) {
  Introduction introduction;
  introduction.name = in.text("name");
  introduction.table = in.text("table");
  introduction.epoch = in.counter("epoch");
  introduction.system_identifier = in.digits("system_identifier");
  introduction.database = in.text("database");
  introduction.publication = in.text("publication");
  introduction.follows = read_follows(in);
  introduction.sent_at = in.time("sent_at");
  return introduction;
}

}  // namespace

std::vector<std::uint64_t> read_follows(JsonObject& in) {
  auto follows = in.counters("follows");
  if (follows.size() > kFollowsMax) {
    follows.erase(follows.begin(), follows.end() - static_cast<std::ptrdiff_t>(kFollowsMax));
  }
  return follows;
}

std::string to_json(const Introduction& introduction) {
  const Json json = {
      {"name", introduction.name},
      {"table", introduction.table},
      {"epoch", introduction.epoch},
      {"system_identifier", std::to_string(introduction.system_identifier)},
      {"database", introduction.database},
      {"publication", introduction.publication},
      {"follows", introduction.follows},
      {"sent_at", to_rfc3339(introduction.sent_at)},
  };
  return dump_json(json);
}

Result<Introduction> parse_introduction(std::string_view json) {
  JsonObject in(json, kIntroductionBytesMax);
  Introduction introduction = read_introduction(in);
  return in.finish("an introduction", std::move(introduction));
}

Attributes introduction_attributes(const Introduction& introduction) {
  const std::string name = utf8_or_replaced(introduction.name);
  const std::string table = utf8_or_replaced(introduction.table);
  const auto sent = introduction.sent_at.time_since_epoch().count();
  return {
      {"ce-specversion", "1.0"},
      {"ce-id", name + "/" + table + "/introduction/" + std::to_string(introduction.epoch) + "/" +
                    std::to_string(sent)},
      {"ce-source", "/walpulse/" + name},
      {"ce-type", kIntroductionType},
      {"ce-time", to_rfc3339(introduction.sent_at)},
      {"content-type", kContentType},
      {"table", table},
      {"schema_version", kVersion},
  };
}

std::string introduction_ordering_key(const Introduction& introduction) {
  return "heartbeat/" + utf8_or_replaced(introduction.name);
}

}  // namespace walpulse::schema
