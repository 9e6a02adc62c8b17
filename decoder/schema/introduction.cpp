#include "decoder/schema/introduction.h"

#include <nlohmann/json.hpp>

#include "decoder/base/json_dom.h"
#include "decoder/base/json_fields.h"
#include "decoder/base/utf8.h"
#include "decoder/schema/change_event.h"

namespace walpulse::schema {
namespace {

/// Many times what a connector sends: a forged one must not become a tree of many times its text.
constexpr std::size_t kBytesMax = 16 << 10;

Introduction read(const Json& json) {
  Introduction introduction;
  introduction.name = json.at("name").get<std::string>();
  introduction.table = json.at("table").get<std::string>();
  introduction.epoch = unsigned_at(json, "epoch");
  introduction.system_identifier = digits_at(json, "system_identifier");
  introduction.database = json.at("database").get<std::string>();
  introduction.publication = json.at("publication").get<std::string>();
  introduction.follows = follows_at(json);
  introduction.sent_at = timestamp_at(json, "sent_at");
  return introduction;
}

}  // namespace

std::vector<std::uint64_t> follows_at(const Json& json) {
  auto follows = unsigned_list_at(json, "follows");
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
  if (json.size() > kBytesMax) {
    return fail(ErrorKind::malformed, "not an introduction: too long for one");
  }
  try {
    return read(Json::parse(json));
  } catch (const nlohmann::json::parse_error& error) {
    // Its own text quotes the payload.
    return fail(ErrorKind::malformed,
                "not an introduction: no JSON at byte " + std::to_string(error.byte));
  } catch (const nlohmann::json::exception& error) {
    return fail(ErrorKind::malformed, std::string("not an introduction: ") + error.what());
  }
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
      {"ce-type", std::string(kIntroductionType)},
      {"ce-time", to_rfc3339(introduction.sent_at)},
      {"content-type", std::string(kContentType)},
      {"table", table},
      {"schema_version", std::string(kVersion)},
  };
}

std::string introduction_ordering_key(const Introduction& introduction) {
  return "heartbeat/" + utf8_or_replaced(introduction.name);
}

}  // namespace walpulse::schema
