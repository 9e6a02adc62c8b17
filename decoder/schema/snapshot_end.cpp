#include "decoder/schema/snapshot_end.h"

#include <nlohmann/json.hpp>

#include "decoder/base/json_dom.h"
#include "decoder/base/json_fields.h"
#include "decoder/base/utf8.h"
#include "decoder/schema/change_event.h"

namespace walpulse::schema {
namespace {

/// Many times what a connector sends: a forged one must not become a tree of many times its text.
constexpr std::size_t kBytesMax = 16 << 10;

Json or_null(const std::optional<std::int64_t>& id) { return id ? Json(*id) : Json(nullptr); }

std::optional<std::int64_t> id_at(const Json& json, const char* field) {
  if (json.at(field).is_null()) return std::nullopt;
  return signed_at(json, field);
}

SnapshotEnd read(const Json& json) {
  SnapshotEnd end;
  end.name = json.at("name").get<std::string>();
  end.schema = json.at("schema").get<std::string>();
  end.table = json.at("table").get<std::string>();
  end.epoch = unsigned_at(json, "epoch");
  end.position = Lsn{unsigned_at(json, "commit_lsn")};
  end.from_id = id_at(json, "from_id");
  end.to_id = id_at(json, "to_id");
  end.row_count = unsigned_at(json, "row_count");
  end.snapshot_at = timestamp_at(json, "snapshot_at");
  if (end.from_id && end.to_id && *end.from_id > *end.to_id) refuse(json, "the range is none");
  if (end.row_count > INT64_MAX) refuse(json, "row_count is no possible one");
  return end;
}

}  // namespace

std::string to_json(const SnapshotEnd& end) {
  const Json json = {
      {"name", end.name},
      {"schema", end.schema},
      {"table", end.table},
      {"epoch", end.epoch},
      {"commit_lsn", end.position.value},
      {"from_id", or_null(end.from_id)},
      {"to_id", or_null(end.to_id)},
      {"row_count", end.row_count},
      {"snapshot_at", to_rfc3339(end.snapshot_at)},
  };
  return dump_json(json);
}

Result<SnapshotEnd> parse_snapshot_end(std::string_view json) {
  if (json.size() > kBytesMax) {
    return fail(ErrorKind::malformed, "not a snapshot's end: too long for one");
  }
  try {
    return read(Json::parse(json));
  } catch (const nlohmann::json::parse_error& error) {
    // Its own text quotes the payload.
    return fail(ErrorKind::malformed,
                "not a snapshot's end: no JSON at byte " + std::to_string(error.byte));
  } catch (const nlohmann::json::exception& error) {
    return fail(ErrorKind::malformed, std::string("not a snapshot's end: ") + error.what());
  }
}

Attributes snapshot_end_attributes(const SnapshotEnd& end) {
  const std::string name = utf8_or_replaced(end.name);
  const std::string table = utf8_or_replaced(end.schema + '.' + end.table);
  const auto bound = [](const std::optional<std::int64_t>& id) {
    return id ? std::to_string(*id) : std::string();
  };
  return {
      {"ce-specversion", "1.0"},
      {"ce-id", name + "/" + table + "/" + std::to_string(end.epoch) + "/" +
                    std::to_string(end.position.value) + "/end/" + bound(end.from_id) + "-" +
                    bound(end.to_id)},
      {"ce-source", "/walpulse/" + name},
      {"ce-type", std::string(kSnapshotEndType)},
      {"ce-time", to_rfc3339(end.snapshot_at)},
      {"content-type", std::string(kContentType)},
      {"table", table},
      {"schema_version", std::string(kVersion)},
  };
}

std::string snapshot_end_ordering_key(const SnapshotEnd& end) {
  return "snapshot_end/" + utf8_or_replaced(end.name);
}

}  // namespace walpulse::schema
